package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/page"
)

// TestOneDemonstrationAtATimeHasTheFolder: two would each write what a box holds
// over what the other wrote, and a lock that forgets takes back a former owner.
func TestOneDemonstrationAtATimeHasTheFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	o := newTown(t, folder, page.Phone{})
	_, err := openWith(t.Context(), options{address: "127.0.0.1:0", folder: folder}, page.Phone{})
	require.ErrorIs(t, err, errFolder)
	o.stop()
	_, err = openWith(t.Context(), options{address: "192.0.2.1:0", folder: folder}, page.Phone{})
	require.ErrorIs(t, err, errLoopback, "one that failed has let go of it")
	newTown(t, folder, page.Phone{})
}
