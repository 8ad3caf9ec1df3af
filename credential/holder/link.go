package holder

import (
	"context"

	"github.com/postern-lock/postern/apdu"
)

// counter is a link that counts what goes over it, as apdu.Cost has it.
type counter struct {
	next apdu.Transceiver
	cost apdu.Cost
}

// Transceive passes the command on.
func (c *counter) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	response, err := c.next.Transceive(ctx, command)
	c.cost.Pairs++
	c.cost.Bytes += len(command) + len(response)
	return response, err
}
