package vpcd

import (
	"net"
	"syscall"
)

// quickAck asks the system to acknowledge what comes next at once.  It is a
// matter of speed alone, so a connection that cannot do it is left as it is.
func quickAck(conn net.Conn) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	// An error means a closed connection, which the read then reports.
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
