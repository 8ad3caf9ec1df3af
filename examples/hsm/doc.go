// Package hsm signs with keys in a PKCS#11 module.
package hsm
