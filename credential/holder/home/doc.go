// Package home is the owner's side of a box, for developers of owners' apps: whom
// the owner lets in, until when and how often; who is blocked, what visitors are
// told, who else owns it; what the log says, with names.  All of it works without
// any server: what has to reach the lock goes with whoever goes there, and what
// has to reach a guest's phone goes as a link, in a message or as a square code
// (chapters 18 and 27).
//
// The first ten minutes of an app, for one lock:
//
//	box, err := home.New(key, lock, keep)                          // the id on the label; keep stores
//	_, _, err = box.MoveIn(ctx, phone, tag, secret, now)           // with the secret inside the box
//	_, err = box.Admit(now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
//	anna, err := credential.ParseRequestLink(link)                 // from Anna's phone
//	pass, err := box.Grant(now, "Anna", anna, home.Terms{Until: credential.At(now.AddDate(0, 1, 0))})
//	link, err = pass.Link()                                        // for Anna's phone
//	_, err = box.Visit(ctx, phone, tag, credential.OperationOpen)  // opens, hands over, reads the log
//	for _, line := range box.Lines() { fmt.Println(line) }
//
// When the app starts again, Load returns the Box that it kept.  A Box asks no
// clock and keeps no file: it is told the time, and hands its state to the app to
// store before anything that it signed leaves it.
//
// The files follow an owner's year: settings.go, grant.go and renew.go say what the
// owner wants, which change.go and sign.go carry out; withdraw.go takes back; tap.go
// meets the lock, note.go learns from it, and history.go reads the log; hands.go
// changes owners, and heal.go mends what a lost backup forgot.
package home
