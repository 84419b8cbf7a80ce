"""Loja Aurora, plants and pottery: what its customers ask and its team answers."""

from __future__ import annotations

from niochat.demo.words import Topic, Words

TOPICS = [
    Topic(
        label="entrega",
        team="Entregas",
        weight=22,
        turns=[
            (
                [
                    "Oi! Meu pedido {order} ainda não chegou. Vocês conseguem ver onde está?",
                    "Bom dia, queria saber do pedido {order}, o prazo era ontem",
                    "Olá, o rastreio do {order} não atualiza há {days} dias",
                    "Meu pedido {order} está parado na transportadora, podem verificar?",
                ],
                [
                    "Oi, {first}! Aqui é {agent}, da Loja Aurora. Vou consultar a transportadora, só um instante.",
                    "Olá, {first}, tudo bem? Já estou olhando o {order} para você.",
                    "Oi, {first}. Deixa eu ver o que a transportadora diz sobre o {order}.",
                ],
            ),
            (
                ["Obrigada, fico no aguardo", "Tá bom, espero", "Certo, é um presente e preciso até sexta", "Ok!"],
                [
                    "Ele saiu para entrega hoje e deve chegar até as 18h. Se não chegar, me chama aqui que eu aciono.",
                    "A transportadora confirmou: chega em até {days} dias úteis. Mandei o novo código por e-mail.",
                    "Houve um atraso no centro de distribuição. A nova previsão é de {days} dias; devolvi o frete.",
                ],
            ),
        ],
        notes=["Transportadora com atraso na região, já é o terceiro caso hoje.", "Frete devolvido por cortesia."],
    ),
    Topic(
        label="troca",
        team="Vendas",
        weight=13,
        turns=[
            (
                [
                    "Comprei {item} e veio num tamanho diferente do anúncio. Como faço para trocar?",
                    "Oi, quero trocar {item} do pedido {order}, dá tempo ainda?",
                    "Boa tarde! Recebi {item} na cor errada",
                ],
                [
                    "Oi, {first}! Claro, a troca é grátis em até 30 dias. Pode me confirmar o número do pedido?",
                    "Olá, {first}, sinto muito por isso. Vou abrir a troca agora mesmo, tá?",
                ],
            ),
            (
                ["É o {order}", "Pedido {order}, comprei pelo site", "{order}, obrigada"],
                [
                    "Prontinho: a etiqueta de devolução está no seu e-mail. É só postar em até {days} dias.",
                    "Troca aberta. Assim que a devolução for postada, a peça nova sai daqui.",
                ],
            ),
            (
                ["Preciso embalar do mesmo jeito?", "E se eu não tiver mais a caixa?"],
                [
                    "Pode usar qualquer caixa firme, com jornal em volta já fica ótimo.",
                    "Não precisa ser a caixa original, só proteja bem as bordas.",
                ],
            ),
        ],
        notes=["Cliente antiga, trocar sem custo.", "Conferir a cor no estoque antes de enviar a nova peça."],
    ),
    Topic(
        label="avaria",
        team="Entregas",
        weight=9,
        urgent=True,
        turns=[
            (
                [
                    "Gente, {item} chegou quebrado :(",
                    "Oi, acabei de abrir a caixa e {item} está em pedaços",
                    "Bom dia. Pedido {order} chegou com a embalagem amassada e {item} trincado",
                ],
                [
                    "Poxa, {first}, que pena! Isso não podia ter acontecido. Consegue me mandar uma foto?",
                    "Sinto muito, {first}. Vamos resolver já: prefere outro igual ou o dinheiro de volta?",
                ],
            ),
            (
                [
                    "Prefiro outro igual, por favor",
                    "Mandei a foto por e-mail agora",
                    "Quero o reembolso, era para um aniversário que já passou",
                ],
                [
                    "Combinado! Seu novo envio sai amanhã, sem custo nenhum, e com embalagem reforçada.",
                    "Feito. O estorno aparece na fatura em até {days} dias. Desculpe mais uma vez.",
                ],
            ),
        ],
        notes=[
            "Terceira avaria desse lote de vasos; avisar a expedição.",
            "Foto recebida por e-mail, avaria confirmada.",
        ],
    ),
    Topic(
        label="cuidados",
        team="Vendas",
        weight=16,
        turns=[
            (
                [
                    "As folhas da minha samambaia estão secando nas pontas, o que eu faço?",
                    "Quantas vezes por semana eu rego a espada-de-são-jorge?",
                    "Oi! Meu trio de cactos está ficando amarelado, é sol demais?",
                    "Posso deixar a samambaia na varanda com sol da tarde?",
                ],
                [
                    "Oi, {first}! Boa pergunta. Onde ela fica na casa: sol direto, claridade ou sombra?",
                    "Olá, {first}! Vamos cuidar dela. Você rega com que frequência hoje?",
                ],
            ),
            (
                [
                    "Fica na sala, perto da janela, mas sem sol direto",
                    "Rego todo dia um pouquinho",
                    "Na varanda, pega sol da tarde",
                ],
                [
                    "Então é água demais. Espere a terra secar dois dedos antes de regar; em duas semanas melhora.",
                    "Tire do sol da tarde e borrife água nas folhas pela manhã: umidade sim, encharcar não.",
                    "Está ótima ali. Só gire o vaso um pouco por semana e regue a cada dez dias.",
                ],
            ),
            (
                ["Precisa de adubo?", "E no inverno muda alguma coisa?"],
                [
                    "Um adubo líquido fraquinho por mês, só na primavera e no verão.",
                    "No inverno regue pela metade. Ela descansa e você também.",
                ],
            ),
        ],
        notes=["Mandar o guia de cuidados por e-mail."],
    ),
    Topic(
        label="pagamento",
        team="Financeiro",
        weight=11,
        turns=[
            (
                [
                    "Paguei o boleto do {order} há {days} dias e ainda aparece pendente",
                    "Oi, fui cobrada duas vezes no pedido {order}!",
                    "O PIX do {order} caiu na minha conta mas o pedido não confirmou",
                ],
                [
                    "Oi, {first}! Vou conferir com o financeiro e já volto com a resposta.",
                    "Olá, {first}. Me passa os quatro últimos dígitos do cartão, por favor? Só os quatro últimos.",
                ],
            ),
            (
                ["Final 4417", "Tenho o comprovante aqui se precisar", "Ok, aguardo"],
                [
                    "Localizei! O pagamento entrou agora e o pedido já está em separação.",
                    "Era mesmo uma cobrança repetida. Estornei uma delas; some da fatura em até {days} dias.",
                ],
            ),
        ],
        notes=["Estorno pedido ao financeiro, aguardando o banco.", "Comprovante conferido."],
    ),
    Topic(
        label="dúvida",
        team="Vendas",
        weight=18,
        turns=[
            (
                [
                    "Oi, {item} ainda tem em estoque?",
                    "Vocês entregam em Florianópolis? Quanto fica o frete de {item}?",
                    "Bom dia! {item} serve para apartamento pequeno?",
                    "Dá para retirar na loja hoje?",
                    "Vocês fazem embalagem para presente?",
                ],
                [
                    "Oi, {first}! Sim, temos, e sai ainda hoje se o pedido entrar até as 15h.",
                    "Olá, {first}! Entregamos sim; para compras acima de R$ 199 o frete é por nossa conta.",
                    "Oi, {first}. Fazemos, com cartão escrito à mão. É só marcar no carrinho.",
                ],
            ),
            (
                ["E parcela?", "Tem desconto no PIX?", "Posso levar dois e pagar um frete só?"],
                [
                    "Em até seis vezes sem juros, e no PIX tem 5% de desconto.",
                    "Pode sim, o frete é calculado pelo pedido inteiro.",
                ],
            ),
        ],
        notes=["Interessada em compra maior, oferecer a condição de atacado."],
    ),
    Topic(
        label="cancelamento",
        team="Financeiro",
        weight=6,
        turns=[
            (
                ["Quero cancelar o pedido {order}, por favor", "Comprei errado, dá para cancelar o {order}?"],
                [
                    "Oi, {first}! Ainda não foi despachado, então consigo cancelar. Posso saber o motivo?",
                    "Claro, {first}. Quer cancelar tudo ou só um dos itens?",
                ],
            ),
            (
                ["Tudo, achei mais perto de casa", "Só {item}, o resto eu quero", "Comprei duas vezes sem querer"],
                [
                    "Cancelado. O valor volta em até {days} dias, pelo mesmo meio de pagamento.",
                    "Feito, {first}. Recebe o e-mail em minutos.",
                ],
            ),
        ],
        notes=["Cancelamento antes do despacho, sem custo."],
    ),
    Topic(
        label="atacado",
        team="Vendas",
        weight=5,
        turns=[
            (
                [
                    "Olá, tenho uma cafeteria e preciso de 40 xícaras. Vocês vendem para empresa?",
                    "Bom dia, queria um orçamento de vasos para um escritório",
                ],
                [
                    "Oi, {first}! Vendemos sim, com tabela própria a partir de 20 peças. Qual o prazo?",
                    "Olá, {first}, que bom! Me conta quantas peças e para quando?",
                ],
            ),
            (
                ["Seriam umas 40, para o fim do mês", "30 peças, sem pressa"],
                [
                    "Consigo 15% de desconto e entrega em {days} dias. Mando a proposta por e-mail ainda hoje.",
                    "Perfeito, a proposta chega no seu e-mail até amanhã cedo.",
                ],
            ),
        ],
        notes=["Proposta de atacado enviada, acompanhar na semana que vem."],
    ),
]

TODAY: list[list[tuple[float, str, str]]] = [
    # nobody's yet
    [
        (4, "customer", "Oi! O vaso de terracota de 24 cm aguenta ficar na chuva?"),
        (3, "customer", "É para uma varanda descoberta"),
        (1, "customer", "Se tiver outro que vocês indiquem, melhor ainda"),
    ],
    [(13, "customer", "Bom dia, meu pedido #41873 consta como entregue mas não recebi nada")],
    [
        (34, "customer", "Recebi o regador com o bico torto, não dá nem para usar"),
        (31, "customer", "Era presente para amanhã, conseguem me ajudar hoje?"),
        (30, "urgent", "avaria"),
    ],
    # somebody's, not answered yet
    [
        (12, "customer", "Quero comprar 30 xícaras para um café, vocês fazem preço?"),
        (9, "given", ""),
        (9, "label", "atacado"),
    ],
    # under way
    [
        (26, "customer", "Minha samambaia está com as folhas amarelas, dá para salvar?"),
        (22, "taken", ""),
        (21, "agent", "Oi! Dá sim. Ela fica perto de uma janela?"),
        (20, "label", "cuidados"),
        (11, "customer", "Fica no banheiro, quase sem luz"),
        (9, "agent", "Então é isso: ela precisa de claridade. Consegue deixar um metro longe da janela da sala?"),
        (2, "customer", "Consigo! E corto as folhas amarelas ou deixo?"),
    ],
    [
        (48, "customer", "Oi, paguei no PIX e o pedido #42012 segue aguardando pagamento"),
        (45, "agent", "Olá! Vou conferir com o financeiro e já volto."),
        (44, "note", "Comprovante bate com o valor; o banco está fora do ar desde as dez."),
        (44, "label", "pagamento"),
        (40, "customer", "Tá bom, obrigada"),
        (7, "agent", "Pronto, o pagamento entrou e o pedido já está em separação. Desculpe a demora."),
    ],
    [
        (55, "customer", "Vocês entregam em Belém? Quanto fica o frete de um trio de cactos?"),
        (51, "second", "Oi, entregamos sim! Fica R$ 32,90 e chega em sete dias."),
        (15, "customer", "Perfeito. E se eu levar dois trios?"),
        (14, "customer", "O frete muda?"),
    ],
    # put off
    [
        (130, "customer", "A transportadora diz que meu endereço não existe :/ pedido #41655"),
        (118, "taken", ""),
        (
            117,
            "agent",
            "Que estranho! Preciso falar com eles, que só atendem de manhã. Escrevo amanhã cedo, combinado?",
        ),
        (110, "customer", "Combinado, obrigado"),
        (108, "snoozed", ""),
        (108, "label", "entrega"),
    ],
    # over, rated just now
    [
        (75, "customer", "Oi! A xícara salpicada pode ir ao micro-ondas?"),
        (70, "agent", "Oi! Pode sim, e à lava-louças também."),
        (66, "customer", "Maravilha, comprei quatro. Obrigada!"),
        (62, "agent", "Que bom! Vai adorar."),
        (52, "closed", ""),
        (49, "rated 5", "Resposta em cinco minutos, amei"),
    ],
    [
        (160, "customer", "Meu estorno ainda não apareceu na fatura"),
        (96, "second", "Olá, foi enviado ao banco na sexta; aparece em até cinco dias úteis."),
        (90, "customer", "De novo isso, já é a terceira vez que pergunto"),
        (84, "second", "Sinto muito. Anexei o comprovante do estorno no seu e-mail."),
        (41, "closed", ""),
        (33, "rated 2", "Tive que explicar tudo outra vez"),
    ],
    # over, and open again
    [
        (300, "customer", "Quero trocar o vaso por um maior, pedido #41720"),
        (292, "taken", ""),
        (291, "agent", "Claro! Mandei a etiqueta por e-mail, a troca é por nossa conta."),
        (291, "label", "troca"),
        (280, "customer", "Obrigada!"),
        (240, "closed", ""),
        (6, "customer", "A etiqueta veio sem o código de barras, podem reenviar?"),
    ],
]

WORDS = Words(
    topics=TOPICS,
    today=TODAY,
    items=[
        "a samambaia em vaso suspenso",
        "o vaso de terracota",
        "a espada-de-são-jorge",
        "a xícara salpicada",
        "o trio de cactos",
        "o regador esmaltado",
    ],
    first_names=(
        "Joana Marcos Beatriz Rafael Camila Thiago Larissa Pedro Aline Gustavo Renata Felipe Patrícia Lucas Vanessa "
        "Diego Mariana Rodrigo Juliana André Fernanda Caio Débora Henrique Isabela João Letícia Murilo Natália Otávio "
        "Priscila Sérgio Tatiane Vinícius Yasmin Cecília Davi Elisa Hugo Lívia"
    ),
    last_names=(
        "Silva Souza Oliveira Santos Pereira Lima Carvalho Almeida Ribeiro Gomes Martins Rocha Barbosa Araújo Dias "
        "Teixeira Moreira Cardoso Nunes Freitas Vieira Monteiro Batista Campos Duarte Farias"
    ),
    phone="+55 11 90000-{number:04d}",
    nudges=["Alô?", "Tem alguém aí?", "Pode me ajudar?", "É urgente, viu", "Esqueci de dizer: comprei pelo site"],
    waits=["Só mais um minutinho, {first}.", "Obrigado por esperar, {first}.", "Já volto com a resposta."],
    thanks=[
        "Perfeito, muito obrigada!",
        "Show, obrigado pela ajuda",
        "Ahh que bom, valeu!",
        "Obrigada pela atenção",
        "Certo, obrigado",
        "Ótimo, resolvido então",
    ],
    farewells=[
        "Imagina, {first}! Qualquer coisa é só chamar por aqui.",
        "Por nada! Um ótimo dia para você.",
        "A gente que agradece, {first}. Até a próxima.",
    ],
    put_off=[
        "Preciso da resposta da transportadora, que só atende de manhã. Volto amanhã cedo, combinado?",
        "O financeiro responde até amanhã. Assim que tiver, escrevo aqui.",
    ],
    picked_up=[
        "Bom dia, {first}! Tenho a resposta: está tudo certo e o prazo foi mantido.",
        "Oi, {first}, voltei como prometi. O financeiro confirmou, está resolvido.",
    ],
    back_again=[
        "Oi, voltei... aconteceu de novo",
        "Olá, sobre aquilo que conversamos: ainda não resolveu",
        "Boa tarde, esqueci de perguntar uma coisa",
        "Chegou! Mas faltou uma peça na caixa",
    ],
    sorted_out=[
        "Oi de novo, {first}! Já ajustei aqui e acompanhei até o fim: resolvido.",
        "Desculpe o transtorno, {first}. Enviei o que faltava hoje mesmo, sem custo.",
    ],
    spam=[
        "Ganhe seguidores reais no seu perfil, promoção só hoje!!!",
        "Sou consultor de SEO, posso apresentar uma proposta?",
    ],
    feedback={
        5: ["Atendimento nota mil!", "Rápido e muito gentil", "Resolveu na hora", "Adorei, voltarei a comprar"],
        4: ["Bom atendimento", "Resolveu, só demorou um pouco", "Muito educados"],
        3: ["Ok", "Demorou, mas deu certo", "Poderia ser mais rápido"],
        2: ["Esperei demais por uma resposta", "Tive que explicar duas vezes"],
        1: ["Não resolveu meu problema", "Ninguém respondeu no dia"],
    },
)
