package holder

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/internal/wire"
)

// counter is a link that counts what goes over it, as apdu.Cost has it.
type counter struct {
	next apdu.Transceiver
	cost apdu.Cost
}

// commandBytes returns how many bytes of data a command may have.
func (c *counter) commandBytes() int {
	if _, turned := c.next.(*inverted); turned {
		return wire.LimitCommandBytes - turnHead
	}
	return wire.LimitCommandBytes
}

// Transceive passes the command on.
func (c *counter) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	response, err := c.next.Transceive(ctx, command)
	c.cost.Pairs++
	c.cost.Bytes += len(command) + len(response)
	return response, err
}
