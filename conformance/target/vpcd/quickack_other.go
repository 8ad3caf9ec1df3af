//go:build !linux

package vpcd

import "net"

// quickAck has nothing to do: the option is Linux's own.
func quickAck(net.Conn) {}
