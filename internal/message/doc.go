// Package message encodes and decodes what lock and phone say to each other
// beside the handshake: the answer to SELECT, the protected request and the
// protected response (chapter 6 of the specification).  Both sides use it, so
// they cannot differ.
package message
