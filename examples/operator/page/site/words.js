// All that the page says, in one table.  Another language is another table.

export const words = {
  close: "Close", otherTab: "Your phone is open in another tab of this browser. Close that one, and go on here.",
  welcome: {
    title: "A letter box that opens by phone",
    text: "The lock in your box has no battery and no account. Whoever reads the secret inside becomes its owner; after that the box opens for your phone, for your guests, and for the companies that you admit.",
    phone: "This page is your phone: the key is made in this browser and stays in it. Whom you let open the box besides you, a guest or a company, can do so until you take it back and the lock has learned of it. No server learns the names of your guests.",
    guest: "You are a guest at somebody's box?",
  },
  takeOver: {
    link: "Take over a box", title: "Take over a box", label: "With the label inside", text: "Open the box and read the label inside.",
    lock: "Number on the label", lockHint: "16 digits and letters", secret: "Secret on the label", secretHint: "32 digits and letters. It proves that you have the box open.",
    name: "Your name for the box", nameHint: "It stays in this browser.", standard: "My box", button: "Hold the phone to the box",
    backup: "Names, guests and history come back. With another browser than the one that wrote it, take each box over after that, by the secret and the button inside.",
    done: "The box is yours. It knows your phone, and admits the post and parcel carriers.",
  },
  tabs: { open: "Box", visitors: "Visitors", guests: "Guests", history: "History", more: "More" },
  open: {
    button: "Hold the phone to the box and open it", tap: "Tap without opening", tapHint: "Hands over what is under way, and reads the history.",
    title: "State", who: "Who may open", everyone: "you, your guests, and the companies that you admit", you: "you alone",
    guests: "you and your guests", services: "you and the companies that you admit", notice: "Notice to visitors", none: "none",
    known: "Settings", current: "the box knows all of them", newer: "the box knows newer ones than this phone", last: "Last event",
  },
  outdone: { title: "The operator has settings of a higher number", text: "They are of a former owner, or of another phone with your key, and keep yours from visitors. Your own tap brings yours to the box at any time. To have visitors bring them again, look at settings and guests, and sign them anew; passes of before end, and your guests need new ones.", button: "Sign my settings above them" },
  behind: { title: "The box knows newer settings than this phone", text: "This phone was restored from a backup, or another one has your key. Look at settings and guests, and sign them anew; passes of before end, and your guests need new ones.", button: "Sign my settings anew", guests: "Guests who may still come" },
  unproved: { title: "Is the box yours?", text: "The last tap was cut, or the transfer has not arrived there yet. Tap the box to find out.", button: "Tap the box" },
  given: { title: "You gave the box away", text: "The new owner takes it over with this link, once you or a visitor has brought the transfer to the box.", arrived: "The box has a new owner." },
  under: {
    title: "The lock does not know yet",
    text: "The next visitor brings it, or tap the box yourself.", saidTitle: "A postman says that he brought it", said: "The box has not confirmed it: it signs nothing for a visitor whom it turns away. Other visitors bring it too, and your next tap makes sure.",
    shownTitle: "The box has it, says the operator", shown: "The operator has the box's signature for it. Your next tap makes sure.", off: "It is only in this phone so far: the operator could not be reached.",
    block: "who may open now", notice: "the notice", guests: "guests that are withdrawn", services: "the companies that you admit", other: "settings",
    transfer: "the new owner", button: "Tap the box now", retry: "Give it to the operator",
  },
  visitors: {
    title: "Who may open now", hint: "For the time after an important parcel, for example. You can always open.",
    none: "As usual: companies and guests", services: "No company", guests: "No guest", all: "Nobody but me", save: "Sign and send", signed: "Signed.",
    admitted: "Companies that may deliver", post: "The post", parcel: "Carriers of parcels", press: "Newspapers",
    noticeTitle: "Notice to visitors", kind: "Notice", away: "I am away", back: "I am back", noNotice: "No notice",
    from: "From", until: "Until", instruction: "Please", shown: "The notice is shown to whoever comes with a right to open: companies and guests.",
  },
  instructions: { none: "nothing in particular", "hold-parcels": "keep parcels at the depot", "other-place": "use the other place that we agreed", resume: "deliver as usual again" },
  notices: { away: "away", back: "back" },
  guests: {
    title: "Guests", nobody: "You have invited nobody.", invite: "Invite a guest", name: "Name", nameHint: "For you alone: it stays in this browser, and no lock and no server learns it.",
    request: "The guest's code", requestHint: "The guest opens this page on his own phone, chooses “I am a guest”, and sends you his code. It is no secret.",
    days: "For how long", options: { 1: "one day", 7: "a week", 31: "a month", 92: "three months" }, button: "Sign the pass",
    until: "until {time}", over: "over", withdrawn: "withdrawn", good: "invited", fresh: "send the new pass",
    withdraw: "Withdraw", renew: "Renew", pass: "Show the pass", copy: "Copy the link", copied: "The link is copied.",
    passTitle: "Pass for {name}", passText: "The guest opens the link, or reads the code with the camera. The pass is of no use to anybody else: it names the guest's key.",
    passCode: "Code of the pass",
  },
  accept: { title: "Somebody gives you a box", text: "The former owner sends you a link, and brings the transfer to the box. Then tap it.", link: "Link of the transfer", button: "Tap the box and take it over" },
  passes: {
    title: "I am a guest", request: "Your code", requestText: "Send it to the owner of the box. It names the key in this browser, and tells nothing about you.",
    copy: "Copy the code", copied: "The code is copied.", codeOf: "Your code as a picture", mine: "Your passes", none: "You have no pass yet. Open the link that the owner sends you, or paste it here.",
    paste: "Link of a pass", take: "Take the pass", open: "Hold the phone to the box and open it", until: "until {time}", taken: "The pass is in your phone.", box: "Box {lock}", forget: "Forget",
  },
  history: {
    title: "History", none: "Nothing was read from the box yet.", fetch: "Fetch what visitors brought", tap: "Tap the box and read it",
    gap: "{n} entries are missing here: the box wrote over them before anybody read them.", before: "not before {time}",
    text: "The box writes down what it did, sealed for you. Visitors carry it; only this phone can read it.", got: "Fetched: {n} new entries.", nothing: "Nobody brought anything new.",
    people: { you: "You", owner: "The owner", guest: "A guest", known: "Somebody", unknown: "Somebody whom you do not know", lock: "The box" },
    outcomes: { started: "{operation}", failed: "{operation}: the bolt did not move", commissioned: "became the owner", transferred: "became the owner by transfer", reset: "became the owner with the secret and the button inside", tamper: "says that somebody tampered with it" },
    operations: { status: "asked for the state", open: "opened", deliver: "delivered", collect: "collected", return: "took something back", service: "serviced the lock", "read-log": "read the history", configure: "settings" },
  },
  services: { post: "The post", parcel: "Carrier of parcels", press: "Newspapers", energy: "Electricity and gas", water: "Water", telecom: "Telecommunications", emergency: "Emergency services", maintenance: "Maintenance" },
  more: {
    transferTitle: "Give the box to somebody else", transferText: "When you move out. The new owner opens this page, chooses “I am a guest”, and gives you his code. All passes end, and the box forgets its history.",
    to: "The new owner's code", transfer: "Sign the transfer", transferSure: "Yes, the box will no longer be mine", transferred: "The transfer is signed. It binds when you or a visitor brings it to the box.", link: "Link for the new owner",
    backupTitle: "Backup", backupText: "What this phone knows of its boxes: names, passes, history, and the key of the history. The file is secret. Your key is not in it: no script can take it out of this browser. With another browser you become the owner anew, by the secret and the button inside.",
    backup: "Write a backup", restore: "Read a backup", restored: "The backup is read.",
    rename: "Rename", name: "Your name for the box", forget: "Forget this box", forgetTitle: "Forget the box", forgetText: "Only this phone forgets it, with its guests and its history. The box stays yours.", forgetSure: "Yes, forget it here",
    keyTitle: "Your key", key: "Public key", lock: "Number of the box",
  },
  street: {
    title: "The street", text: "What stands around the page in this demonstration: real locks on simulated flash, and people who come by.",
    boxes: "Boxes", begin: "Begin here: look inside a box, and its label fills in the form.", box: "Box {n}", people: "Who comes by", hand: "Your hand", button: "Press the button inside", pressed: "The button inside box {n} is pressed for the next tap.", vacant: "nobody's yet", taken: "has an owner", yours: "yours", look: "Look inside and take it over", lookAgain: "Read the label inside",
    postman: "The postman comes by", courier: "A parcel carrier comes by", hour: "An hour passes", day: "A day passes", clock: "It is {time}",
    shake: "Pull the phone away too soon", shaken: "The next tap will be cut.", walked: "{who}: {visits}.", postmanName: "Postman", courierName: "Parcel carrier",
    visit: "box {n}: {what}", delivered: "delivered", unowned: "nobody's box", notice: "reads “{notice}”", brought: "brought your settings", carried: "took the history along", failed: "The street does not answer: {detail}",
  },
  outcomes: {
    done: "Done.", opened: "Open. The box saw its door move.", unconfirmed: "The bolt was driven. Look whether the box is open.",
    refused: "The box stays closed: {reason}.", failed: "The box could not do it: {reason}.", brought: "Your settings are in the box.", notice: "The owner lets you know: {notice}.",
  },
  reasons: {
    none: "it gave no reason", expired: "the pass is over", "not-yet-valid": "the box cannot know yet that the pass has begun", denied: "the pass was withdrawn",
    blocked: "its owner has blocked it", hours: "not at this hour", "uses-spent": "the pass is used up", "not-admitted": "its owner does not admit this company",
    "policy-version": "the box lacks newer settings of its owner", target: "the pass is for another box", action: "the pass is not for this", "owner-unknown": "this phone is not its owner's",
    possession: "the secret is not that of this box, or the box has an owner already", link: "it left the field too soon", "status-word": "it ended the tap", "issuer-unknown": "it does not know who signed this", "lock-identity": "this is another box",
    signature: "a signature is not good", "authority-right": "whoever gave this right may not give it", "authority-expired": "whoever gave this right may not give any more", "grant-too-long": "the pass runs longer than it may",
    delegation: "the pass may not be handed on", resource: "it has no such compartment", superseded: "it has newer settings already",
    evidence: "it wants to know the time", busy: "it needs more energy", drive: "the bolt did not move", state: "its memory cannot be read or written", "table-full": "it has no room for one more",
  },
  otherReason: "for a technical reason, “{reason}”",
  advices: [
    "", "Nothing happened: hold the phone to the box once more, and still.", "Nothing happened: hold the phone to the box longer.", "The bolt may have moved. Look, and tap again if it did not.",
    "Ask the owner for a new pass.", "Come back later, or have somebody with a newer pass tap before.", "Check the number of the box.", "The owner's newer settings must reach the box first: the owner taps it, or the next visitor brings them.",
    "Ask whoever gave you the pass.", "Update the app: it and this lock do not fit.", "Tap again. If that fails too, the lock needs repair.", "This should not happen: report the box, and do not trust it.",
    "Come back at an hour that the pass is for.", "Tap again with a network: the box wants to know the time.", "Nobody can know yet whether the box took it: tap again to find out.",
    "Read the secret again. If the box has an owner, press the button inside while you tap.", "The box is yours already.",
  ],
  faults: {
    page: "The page failed: {detail}. Reload it; nothing that was signed is lost.", start: "Your phone does not start: {detail}. A browser of 2025 or later is needed (Ed25519 in WebCrypto).",
    link: "No answer of the box that counts: {reason}.", service: "The operator did not do it: {detail} What you signed is kept in this phone, and goes to the box with your next tap.",
    problems: {
      unsigned: "the clock of this device is wrong.", "not-owner": "it does not know that the box is yours. Tap the box.", "older-receipt": "somebody else has shown that the box is theirs. Tap it to find out.",
      "not-proved": "what the box signed does not show that it is yours. Tap it again.", superseded: "it has settings of a higher number.", conflict: "it has other settings of the same number.",
      version: "the number of your settings is too far above what the box is known to have. Tap the box.", unknown: "it does not deliver to this box.", "too-many": "you ask too often. Try again in a minute.",
      busy: "it is busy. Try again in a minute.", "store-away": "something is wrong there. Try again later.", "signer-away": "something is wrong there. Try again later.", silent: "something is wrong there. Try again later.",
      clock: "its clock is wrong. Try again later.", full: "it has no room left. Try again later.", internal: "something is wrong there. Try again later.", timeout: "your connection is too slow. Try again.",
    },
    problem: "this page and the operator do not fit ({name}).", network: "The operator cannot be reached. What you signed is kept here; try again later.",
    input: { lock: "The number is not one of a box: 16 digits and letters from 0 to f.", secret: "The secret is 32 digits and letters from 0 to f: read the label again.", code: "This is no code of a guest. It begins with “postern:request/”.",
      pass: "This is no pass, or it was cut. Copy the whole link.", passOther: "The pass is for another phone: it names another key. Send the owner the code of this one.", name: "Give it a name.", known: "This phone has the box already.",
      backup: "This is no backup, or it was cut.", time: "The end must be after the beginning.", own: "This is the code of this phone itself.", guest: "There is no such guest any more.", given: "The box was given to somebody else.", behind: "The box knows newer settings than this phone: sign yours anew first.",
      transfer: "This is no transfer of a box to this phone, or it was cut. Copy the whole link.", version: "The box must be tapped once before more settings can be signed.", keep: "This browser could not keep what was signed, so nothing was done. Is its storage full?", yours: "The box is not yours yet: tap it.", notice: "Choose what the notice says." },
  },
};

/** say fills in a sentence. */
export const say = (sentence, values = {}) => sentence.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

/** time writes a time for people. */
export const time = (seconds) => new Date(seconds * 1000).toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

const reason = (name) => words.reasons[name] ?? say(words.otherReason, { reason: name });

/** notice writes a notice for people. */
export function notice(n) {
  if (!n) return words.open.none;
  const parts = [words.notices[n.kind] ?? n.kind];
  if (n.from) parts.push(`from ${time(n.from)}`);
  if (n.until) parts.push(`until ${time(n.until)}`);
  if (n.instruction !== "none") parts.push(`please ${words.instructions[n.instruction] ?? n.instruction}`);
  return parts.join(", ");
}

/** explain says in people's words what came of a tap. */
export const explain = {
  /** result returns the sentences, and how good the news is. */
  result(r) {
    const closed = r.outcome === "refused" || r.outcome === "failed";
    const parts = [say(words.outcomes[r.outcome] ?? r.outcome, { reason: reason(r.reason) })];
    if (r.brought > 0) parts.push(words.outcomes.brought);
    if (r.notice) parts.push(say(words.outcomes.notice, { notice: notice(r.notice) }));
    if (words.advices[r.advice]) parts.push(words.advices[r.advice]);
    return [parts.join(" "), closed ? "bad" : r.outcome === "unconfirmed" ? "warn" : "good"];
  },

  /** fault says why nothing came of it, and what to do. */
  fault(f) {
    if (f.input) return words.faults.input[f.input] ?? f.error;
    if (f.network) return words.faults.network;
    if (f.service) return say(words.faults.service, { detail: words.faults.problems[f.service] ?? say(words.faults.problem, { name: f.service }) });
    if (f.reason) return `${say(words.faults.link, { reason: reason(f.reason) })} ${words.advices[f.advice] ?? ""}`.trim();
    return say(words.faults.page, { detail: f.error });
  },
};
