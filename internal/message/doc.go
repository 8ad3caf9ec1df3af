// Package message encodes and decodes what lock and phone say to each other
// beside the handshake: the answer to SELECT, the protected request and the
// protected response (chapter 6 of the specification).  Both sides use it, so
// they cannot differ.
//
// Whatever a Parse function takes without finding something unknown in it, the
// Encode method turns into the same bytes again.  What a Parse function returns
// shares no memory with the bytes that it was given.
package message
