"""Panadería Sol: what its customers ask and its team answers."""

from __future__ import annotations

from niochat.demo.words import Topic, Words

TOPICS = [
    Topic(
        label="pedido",
        team="Mostrador",
        weight=10,
        turns=[
            (
                [
                    "Hola, ¿puedo encargar {item} para el sábado?",
                    "Buen día, quiero pedir {item} para {days} personas",
                    "¿Hasta qué hora puedo pedir {item} para mañana?",
                ],
                [
                    "¡Hola, {first}! Claro que sí, ¿a qué hora pasás a retirar?",
                    "Buen día, {first}. Lo anoto. ¿Con o sin azúcar impalpable?",
                ],
            ),
            (
                ["A las diez, por favor", "Al mediodía", "Cuando abran, gracias"],
                ["Listo, queda a tu nombre. Tu número es {order}.", "Anotado con el número {order}, te esperamos."],
            ),
        ],
        notes=["Encargo grande, avisar al horno la noche anterior."],
    ),
    Topic(
        label="horario",
        team="Mostrador",
        weight=6,
        turns=[
            (
                ["¿Abren el domingo?", "¿A qué hora cierran hoy?", "¿Atienden el feriado?"],
                [
                    "Hola, {first}. De lunes a sábado de 7 a 20, y el domingo hasta las 13.",
                    "¡Hola! El feriado abrimos de 8 a 13.",
                ],
            ),
        ],
        notes=["Actualizar el horario del feriado en la página."],
    ),
    Topic(
        label="reclamo",
        team="Encargada",
        weight=4,
        urgent=True,
        turns=[
            (
                ["El pedido {order} vino incompleto, faltaba {item}", "Compré {item} y estaba seco"],
                [
                    "Lo siento mucho, {first}. ¿Preferís que te lo repongamos o la devolución?",
                    "Gracias por avisar, {first}. Lo reviso ya mismo con el horno.",
                ],
            ),
            (
                ["Que me lo repongan, gracias", "La devolución, por favor"],
                ["Hecho. Pasá cuando quieras, está a tu nombre.", "Listo, en {days} días lo ves en tu cuenta."],
            ),
        ],
        notes=["Segundo reclamo de la semana por la misma tanda."],
    ),
    Topic(
        label="alergias",
        team="Mostrador",
        weight=3,
        turns=[
            (
                ["¿Tienen algo sin gluten?", "¿{item} lleva frutos secos?"],
                [
                    "Hola, {first}. Sí, los martes y viernes horneamos sin gluten, en un horno aparte.",
                    "Hola, {first}. No lleva, pero se hornea donde también hay nueces.",
                ],
            ),
        ],
        notes=["Pregunta por celíacos, hay cada vez más."],
    ),
]

TODAY: list[list[tuple[float, str, str]]] = [
    [(9, "customer", "Hola, ¿les queda pan de masa madre para hoy?"), (5, "customer", "Paso en media hora")],
    [
        (50, "customer", "Quiero encargar una torta de ricota para el domingo"),
        (46, "agent", "¡Hola! ¿Para cuántas personas?"),
        (18, "customer", "Somos ocho"),
    ],
    [
        (95, "customer", "¿Hacen facturas sin azúcar?"),
        (88, "agent", "Hola, sí, los jueves."),
        (80, "customer", "Genial, gracias"),
        (70, "closed", ""),
        (64, "rated 4", "Buena atención"),
    ],
]

WORDS = Words(
    topics=TOPICS,
    today=TODAY,
    items=["dos docenas de medialunas", "una torta de ricota", "el pan de masa madre", "un pan dulce", "las facturas"],
    first_names=(
        "Lucía Mateo Sofía Tomás Valentina Joaquín Martina Bruno Camila Nicolás Julieta Agustín Paula Ramiro Florencia "
        "Gastón Micaela Esteban"
    ),
    last_names="González Rodríguez Fernández López Díaz Pérez Romero Sosa Álvarez Torres Ruiz Ramírez Acosta",
    phone="+54 11 5550-{number:04d}",
    nudges=["¿Hola?", "¿Hay alguien?", "Perdón, es para mañana"],
    waits=["Un momento, {first}, consulto con el horno.", "Ya te digo."],
    thanks=["¡Genial, gracias!", "Muchas gracias", "Perfecto, hasta mañana", "Buenísimo"],
    farewells=["¡Gracias a vos, {first}!", "Te esperamos, que tengas un lindo día."],
    put_off=["El maestro panadero llega a la mañana; te confirmo apenas hable con él."],
    picked_up=["Buen día, {first}. Confirmado, lo tenemos listo a la hora que pediste."],
    back_again=["Hola de nuevo, quería cambiar la hora", "Hola, me olvidé de agregar algo al pedido"],
    sorted_out=["¡Hola otra vez, {first}! Ya quedó cambiado.", "Sin problema, lo agregué al mismo pedido."],
    spam=["Préstamos al instante, responda SI"],
    feedback={
        5: ["Un amor la atención", "Rapidísimos", "Todo riquísimo"],
        4: ["Muy bien", "Buena atención"],
        3: ["Normal", "Tardaron un poco"],
        2: ["Tuve que preguntar dos veces"],
        1: ["Nadie me contestó a tiempo"],
    },
)
