// Package pcsc is a link to a card in a reader of the system's PC/SC service
// pcscd: a desk reader for NFC, or a virtual one.
//
// It speaks to pcscd over its socket, in the form that libpcsclite does since
// 2018, so that a program needs neither that library nor a C compiler and stays
// static.  Where no pcscd listens, [Dial] says so.
package pcsc
