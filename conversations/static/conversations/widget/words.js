/** The widget's own words. A host page has its own language, so the product's catalogue is of no use there. */

/** @type {Record<string, string>} */
const ENGLISH = {
  open: "Open the chat",
  close: "Close the chat",
  chat: "Chat",
  messages: "Messages",
  unread_one: "1 new message",
  unread: "{n} new messages",
  online: "We are here and answer in a moment",
  online_who: "{names} here",
  away: "Back soon",
  closed: "Closed. Back {when}",
  closed_open_end: "Closed now",
  at: "{day} at {time}",
  greeting: "Hello. How can we help?",
  write: "Write a message",
  send: "Send",
  attach: "Attach a file",
  remove: "Remove {name}",
  uploading: "Sending {name}, {percent}%",
  too_large: "{name} is larger than {size}.",
  upload_failed: "{name} could not be sent.",
  you: "You",
  team: "Team",
  said: "{who} wrote",
  is_typing: "{who} is writing",
  deleted: "Message deleted",
  failed: "Not sent.",
  failed_too_long: "It is too long.",
  failed_does_not_exist: "Its file, or what it answers, is gone.",
  retry: "Try again",
  queued: "Waiting to be sent",
  stored: "Sent",
  read: "Read",
  react: "React",
  react_with: "React with {reaction}",
  download: "Download {name}",
  ended: "Conversation ended",
  lost: "No connection. Your messages are kept here and go out when it is back.",
  try_now: "Try now",
  unavailable: "The chat is not available just now.",
  newer_one: "1 new",
  newer: "{n} new",
  to_end: "Go to the newest message",
  older: "Loading older messages",
  leave_email: "Leave your e-mail and we will answer there.",
  email: "Your e-mail",
  save: "Save",
  bad_email: "This address looks incomplete.",
  email_saved: "All right, we will answer at {email}.",
  how_was_it: "How was our service?",
  rate_1: "Very bad",
  rate_2: "Bad",
  rate_3: "Fair",
  rate_4: "Good",
  rate_5: "Very good",
  tell_more: "Would you like to say more? (optional)",
  send_rating: "Send",
  thanks: "Thank you. Your answer helps us.",
  change_rating: "Change my answer",
  rating_failed: "Your answer could not be sent. Try again.",
  rating_closed: "This survey has closed.",
};

/** @type {Record<string, string>} */
const PORTUGUESE = {
  open: "Abrir a conversa",
  close: "Fechar a conversa",
  chat: "Conversa",
  messages: "Mensagens",
  unread_one: "1 mensagem nova",
  unread: "{n} mensagens novas",
  online: "Estamos aqui e respondemos em instantes",
  online_who: "{names} por aqui",
  away: "Voltamos em breve",
  closed: "Fechado. Voltamos {when}",
  closed_open_end: "Fechado agora",
  at: "{day} às {time}",
  greeting: "Olá. Como podemos ajudar?",
  write: "Escreva uma mensagem",
  send: "Enviar",
  attach: "Anexar um arquivo",
  remove: "Tirar {name}",
  uploading: "Enviando {name}, {percent}%",
  too_large: "{name} passa de {size}.",
  upload_failed: "Não foi possível enviar {name}.",
  you: "Você",
  team: "Equipe",
  said: "{who} escreveu",
  is_typing: "{who} está escrevendo",
  deleted: "Mensagem apagada",
  failed: "Não foi enviada.",
  failed_too_long: "É longa demais.",
  failed_does_not_exist: "O arquivo, ou o que ela responde, não existe mais.",
  retry: "Tentar de novo",
  queued: "Esperando para ser enviada",
  stored: "Enviada",
  read: "Lida",
  react: "Reagir",
  react_with: "Reagir com {reaction}",
  download: "Baixar {name}",
  ended: "Conversa encerrada",
  lost: "Sem conexão. Suas mensagens ficam guardadas aqui e vão quando voltar.",
  try_now: "Tentar agora",
  unavailable: "A conversa não está disponível no momento.",
  newer_one: "1 nova",
  newer: "{n} novas",
  to_end: "Ir para a mensagem mais nova",
  older: "Buscando mensagens anteriores",
  leave_email: "Deixe seu e-mail e respondemos por lá.",
  email: "Seu e-mail",
  save: "Guardar",
  bad_email: "Esse endereço parece incompleto.",
  email_saved: "Combinado, respondemos em {email}.",
  how_was_it: "Como foi o nosso atendimento?",
  rate_1: "Muito ruim",
  rate_2: "Ruim",
  rate_3: "Regular",
  rate_4: "Bom",
  rate_5: "Muito bom",
  tell_more: "Quer contar mais? (opcional)",
  send_rating: "Enviar",
  thanks: "Obrigado. Sua resposta nos ajuda.",
  change_rating: "Mudar minha resposta",
  rating_failed: "Não foi possível enviar sua resposta. Tente de novo.",
  rating_closed: "Esta pesquisa já foi encerrada.",
};

/** @type {Record<string, string>} */
const SPANISH = {
  open: "Abrir la conversación",
  close: "Cerrar la conversación",
  chat: "Conversación",
  messages: "Mensajes",
  unread_one: "1 mensaje nuevo",
  unread: "{n} mensajes nuevos",
  online: "Estamos aquí y respondemos enseguida",
  online_who: "{names} por aquí",
  away: "Volvemos pronto",
  closed: "Cerrado. Volvemos {when}",
  closed_open_end: "Cerrado ahora",
  at: "{day} a las {time}",
  greeting: "Hola. ¿En qué podemos ayudarte?",
  write: "Escribe un mensaje",
  send: "Enviar",
  attach: "Adjuntar un archivo",
  remove: "Quitar {name}",
  uploading: "Enviando {name}, {percent}%",
  too_large: "{name} supera {size}.",
  upload_failed: "No se pudo enviar {name}.",
  you: "Tú",
  team: "Equipo",
  said: "{who} escribió",
  is_typing: "{who} está escribiendo",
  deleted: "Mensaje eliminado",
  failed: "No se envió.",
  failed_too_long: "Es demasiado largo.",
  failed_does_not_exist: "Su archivo, o lo que responde, ya no existe.",
  retry: "Intentar de nuevo",
  queued: "Esperando para enviarse",
  stored: "Enviado",
  read: "Leído",
  react: "Reaccionar",
  react_with: "Reaccionar con {reaction}",
  download: "Descargar {name}",
  ended: "Conversación cerrada",
  lost: "Sin conexión. Tus mensajes se guardan aquí y salen cuando vuelva.",
  try_now: "Intentar ahora",
  unavailable: "La conversación no está disponible en este momento.",
  newer_one: "1 nuevo",
  newer: "{n} nuevos",
  to_end: "Ir al mensaje más nuevo",
  older: "Buscando mensajes anteriores",
  leave_email: "Deja tu correo y te respondemos allí.",
  email: "Tu correo",
  save: "Guardar",
  bad_email: "Esa dirección parece incompleta.",
  email_saved: "De acuerdo, te respondemos en {email}.",
  how_was_it: "¿Cómo fue nuestra atención?",
  rate_1: "Muy mala",
  rate_2: "Mala",
  rate_3: "Regular",
  rate_4: "Buena",
  rate_5: "Muy buena",
  tell_more: "¿Quieres contarnos más? (opcional)",
  send_rating: "Enviar",
  thanks: "Gracias. Tu respuesta nos ayuda.",
  change_rating: "Cambiar mi respuesta",
  rating_failed: "No se pudo enviar tu respuesta. Inténtalo de nuevo.",
  rating_closed: "Esta encuesta ya se cerró.",
};

/** @type {Record<string, {tag: string, words: Record<string, string>}>} */
export const CATALOGUES = {
  pt: { tag: "pt-BR", words: PORTUGUESE },
  en: { tag: "en", words: ENGLISH },
  es: { tag: "es", words: SPANISH },
};

/**
 * The first of the wished languages that the widget speaks and the team answers in, else the team's first, else English.
 *
 * @param {(string | null | undefined)[]} wishes language tags, the strongest wish first
 * @param {string[]} [offered] those that the team answers in; all, when it names none
 */
export function catalogueFor(wishes, offered = []) {
  const among = (offered.length ? offered : Object.keys(CATALOGUES)).map(short).filter((code) => code in CATALOGUES);
  const known = wishes.map(short).find((code) => among.includes(code));
  return CATALOGUES[known ?? (among.includes("en") ? "en" : (among[0] ?? "en"))];
}

/** @param {string | null | undefined} tag */
const short = (tag) => (tag ?? "").slice(0, 2).toLowerCase();

/** One visitor's language: words, days and times. */
export class Language {
  /** @param {(string | null | undefined)[]} wishes @param {string[]} [offered] */
  constructor(wishes, offered) {
    const { tag, words } = catalogueFor(wishes, offered);
    this.tag = tag;
    this.words = words;
    this.clock = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit" });
    this.date = new Intl.DateTimeFormat(tag, { day: "numeric", month: "long" });
    this.weekday = new Intl.DateTimeFormat(tag, { weekday: "long" });
    this.relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  }

  /**
   * @param {string} name
   * @param {Record<string, string | number>} [values]
   */
  say(name, values = {}) {
    return this.words[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
  }

  /**
   * Why a message was refused, where a visitor can do something about it: a socket's own words are English.
   *
   * @param {string} [code] a frame's
   * @returns {string | undefined}
   */
  why(code = "") {
    return this.words[`failed_${code.toLowerCase()}`];
  }

  /**
   * @param {"unread" | "newer"} name
   * @param {number} n
   */
  count(name, n) {
    return n === 1 ? this.say(`${name}_one`) : this.say(name, { n });
  }

  /** @param {string[]} names */
  list(names) {
    return new Intl.ListFormat(this.tag, { type: "conjunction" }).format(names);
  }

  /**
   * A day as people name it: today, yesterday, then its date.
   *
   * @param {string} iso
   * @param {Date} [now]
   */
  day(iso, now = new Date()) {
    const days = daysBetween(now, new Date(iso));
    const name = Math.abs(days) < 2 ? this.relative.format(days, "day") : this.date.format(new Date(iso));
    return name.charAt(0).toLocaleUpperCase(this.tag) + name.slice(1);
  }

  /**
   * A moment within the next days: "tomorrow at 09:00".
   *
   * @param {string} iso
   * @param {Date} [now]
   */
  soon(iso, now = new Date()) {
    const moment = new Date(iso);
    const days = daysBetween(now, moment);
    const distant = days < 7 ? this.weekday : this.date;
    const day = days < 2 ? this.relative.format(days, "day") : distant.format(moment);
    return this.say("at", { day, time: this.clock.format(moment) });
  }

  /** @param {string} iso */
  time(iso) {
    return this.clock.format(new Date(iso));
  }

  /** @param {number} bytes */
  size(bytes) {
    const inMegabytes = bytes >= 2 ** 20;
    const unit = inMegabytes ? "megabyte" : "kilobyte";
    const amount = Math.max(1, bytes / (inMegabytes ? 2 ** 20 : 1024));
    return new Intl.NumberFormat(this.tag, { style: "unit", unit, maximumFractionDigits: amount < 10 ? 1 : 0 }).format(
      amount,
    );
  }
}

const DAY_MS = 86_400_000;

/**
 * Midnights from one moment to another, where the visitor is.
 *
 * @param {Date} from
 * @param {Date} to
 */
function daysBetween(from, to) {
  const midnight = (/** @type {Date} */ moment) => Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate());
  return Math.round((midnight(to) - midnight(from)) / DAY_MS);
}
