/**
 * What mail programs write around quoted and forwarded messages, in the languages that help desks get mail in.
 * Each list is one alternation of a regular expression; entries are separated by bars and may be expressions themselves.
 */
const words = (list: string): string => list.trim().replace(/\s*\|\s*/g, '|');

const from =
  words(`from | von | de | da | van | fra | från | od | от | від | lähettäjä | kimden | gönderen | feladó | de la |
  expéditeur | mittente | remitente | saatja | nuo | no | šalje | pengirim | από | מאת | من | từ | dari | 发件人 | 寄件者 | 寄件人 | 差出人 | 送信元 | 보낸 사람 | 보낸사람`);

const sent =
  words(`sent | date | gesendet | datum | envoyé | enviado(?: el| em)? | fecha | data | inviato | verzonden | sendt |
  odoslané | poslano | изпратено | išsiųsta | nosūtīts | enviat el | terkirim | đã gửi | skickat | dato | lähetetty | päivämäärä | wysłano | wysłane | odesláno | отправлено | дата | надіслано | gönderme tarihi | tarih |
  küldve | elküldve | trimis | saadetud | ημερομηνία | נשלח | 发送时间 | 寄件日期 | 日期 | 日付 | 送信日時 | 보낸 날짜 | 날짜`);

const to =
  words(`to | cc | an | à | a | para | aan | til | till | kopie | kopia | kopio | do | dw | komu | кому | копия | копія |
  kime | bilgi | prima | za | до | kam | adressaat | per a | ke | kepada | đến | címzett | vastaanottaja | către | reply-to | répondre à | risposta | antwort an | προς | אל | 收件人 | 抄送 | 收件者 |
  副本 | 宛先 | 받는 사람 | 참조`);

const subject =
  words(`subject | betreff | objet | asunto | oggetto | onderwerp | emne | ämne | aihe | temat | předmět | predmet |
  тема | относно | zadeva | tēma | assumpte | perihal | chủ đề | konu | tárgy | subiect | assunto | teema | θέμα | נושא | 主题 | 主旨 | 主題 | 件名 | 제목`);

const wrote =
  words(`wrote | sent | writes | schrieb | geschrieben | a écrit | écrit | escribió | escribio | escreveu | ha scritto |
  scrive | scritto | schreef | geschreven | skrev | kirjoitti | napisał(?:\\(a\\)|a)? | pisze | napsal(?:\\(a\\)|a)? |
  napísal(?:\\(a\\)|a)? | написал(?:\\(а\\)|а)? | пишет | пише | написав | yazdı | írta | a scris | va escriure | έγραψε | kirjutas |
  rakstīja | rašė | je napisal[ao]? | đã viết | viết | menulis | כתב | كتب | 写道 | 寫道 | 작성 | のメール`);

/** `*From:* x` or `Von : x`: a label, then a colon of either width. */
const headerLine = (list: string) => new RegExp(`^[\\s*_]*(?:${list})[\\s*_]*[:：]`, 'iu');
export const fromLine = headerLine(from);
export const sentLine = headerLine(sent);
export const toLine = headerLine(to);
export const subjectLine = headerLine(subject);

/** Between two labels that a mail program put on one line. */
export const nextLabel = new RegExp(`\\s+(?=(?:${sent}|${subject}):\\s)`, 'iu');

/** Verbs that stand before the name, `schrieb Anna:`, while most languages have theirs before the colon. */
export const wroteBeforeName = /\s(?:schrieb|schreef|skrev)\s/iu;
/** A verb of writing as a word of its own. */
export const wroteWord = new RegExp(`(?:^|[\\s>"”)])(?:${wrote})(?=$|[\\s:：,;<(-])`, 'iu');
export const wroteAtEnd = new RegExp(`(?:${wrote})\\s*[:：]?\\s*-*\\*?$`, 'iu');

const original =
  words(`original message | original e-?mail | original appointment | reply message | original-?nachricht |
  ursprüngliche (?:nachricht|mail|e-mail) | message (?:d.origine|original) | mensaje original | messaggio originale |
  mensagem original | oorspronkelijk bericht | originele? bericht | oprindelig meddelelse | opprinnelig melding |
  originalmeddelande | ursprungligt meddelande | alkuperäinen viesti | wiadomość oryginalna | oryginalna wiadomość |
  původní zpráva | pôvodná správa | исходное сообщение | оригинальное сообщение | оригінал(?:ьне)? повідомлення |
  eredeti üzenet | orijinal (?:mesaj|ileti) | mesaj original | αρχικό μήνυμα | 原始邮件 | 原始郵件 | 元のメッセージ | 원본 메시지`);
/** GroupWise: `>>> "Anna" <anna@example.org> 03/02/26 10:15 AM >>>`. */
export const groupWiseHistory = /^>>> .{1,200}\d{1,2}[:.]\d{2}.{0,20}>>>\s*$/;
export const originalMessage = new RegExp(`^[\\s>*_]*-{2,}\\s*(?:${original})\\s*-{2,}`, 'iu');

const forwarded =
  words(`(?:begin )?forwarded (?:message|by) | forwarded mail | begin forwarded | weitergeleitete (?:nachricht|mail) |
  anfang der weitergeleiteten | début du message (?:transféré|réexpédié) | message transféré | mensaje reenviado |
  inicio del mensaje reenviado | messaggio inoltrato | inizio messaggio inoltrato | mensagem (?:re)?encaminhada |
  doorgestuurd bericht | begin doorgestuurd | videresendt (?:meddelelse|melding) | vidarebefordrat (?:meddelande|brev) |
  välitetty viesti | edelleenlähetetty | przekazana wiadomość | přeposlaná zpráva | пересылаемое сообщение |
  пересланное сообщение | переслане повідомлення | iletilmiş (?:mesaj|ileti) | továbbított (?:üzenet|levél) |
  mesaj redirecționat | 转发(?:的)?邮件 | 轉寄郵件 | 転送メッセージ | 전달된 메시지`);
export const forwardMarker = new RegExp(`^[\\s>*_]*(?:-{2,}\\s*)?(?:${forwarded})[^\\n]{0,60}$`, 'iu');
export const forwardPrefix =
  /^\s*(?:fwd?|wg|tr|rv|i|enc|doorst|vs|vb|pd|пер|пересл|ilt|továbbítás|转发|轉寄|転送)\s*[:：]/iu;

const mobile =
  words(`sent (?:from|via|with|by|using)\\s | from my (?:iphone|ipad|android|mobile|phone|samsung|blackberry) |
  get \\[?outlook | \\p{L}+ (?:\\p{L}+ )?from mobile$ | von (?:meinem|meiner) .{2,60} (?:gesendet|versendet) |
  gesendet (?:von|mit|über)\\s | diese nachricht wurde (?:von|mit) mein | holen sie sich outlook |
  envoyé (?:de|depuis|à partir|avec)\\s | obtenez outlook | télécharger outlook | enviado (?:desde|do|de|a partir|con|via)\\s |
  obtener outlook | inviato (?:da|dal|con)\\s | scarica outlook | verzonden (?:vanaf|met|van|via)\\s |
  verstuurd (?:vanaf|met|van)\\s | sendt fra\\s | skickat från\\s | lähetetty\\s | hämta outlook | wysłan[eoy] (?:z|ze)\\s |
  odesláno z | отправлено (?:с|из|от)\\s | надіслано з | iphone.?(?:umdan|dan) gönderildi | 從我的 .{2,30} 傳送 |
  (?:发|發)自 | iphoneから送信 | 나의 .{2,30}에서 보냄`);
/** Second line of the footer that mailing lists add below a rule. */
export const listFooter = /mailing list|unsubscribe/i;
export const mobileSignature = new RegExp(`^[\\s<(*_"-]*(?:${mobile})`, 'iu');
