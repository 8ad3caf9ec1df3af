package ledger

import (
	"context"

	"github.com/postern-lock/postern/credential"
)

func (c checked) Place(ctx context.Context, boxes []Box) error {
	if done, err := several(ctx, "boxes", len(boxes), MaxBoxes); done {
		return err
	}
	locks := make(map[credential.LockID]bool, len(boxes))
	for _, b := range boxes {
		switch {
		case b.Lock == credential.LockID{}:
			return invalid("box without a lock id")
		case locks[b.Lock]:
			return invalid("box %s comes twice", b.Lock)
		}
		if err := checkArea(b.Area); err != nil {
			return err
		}
		locks[b.Lock] = true
	}
	return c.s.Place(ctx, boxes)
}

// checkArea refuses an area that is empty, which would be everywhere, or too long.
func checkArea(area []byte) error {
	if n := len(area); n == 0 || n > maxArea {
		return invalid("an area has 1 to %d bytes, this has %d", maxArea, n)
	}
	return nil
}

func (c checked) Post(ctx context.Context, d Document) error {
	if err := alive(ctx); err != nil {
		return err
	}
	if err := d.Check(); err != nil {
		return err
	}
	return c.s.Post(ctx, d)
}

func (c checked) Outbox(ctx context.Context, area []byte) (Load, error) {
	if err := alive(ctx); err != nil {
		return Load{}, err
	}
	if err := checkArea(area); err != nil {
		return Load{}, err
	}
	return c.s.Outbox(ctx, area)
}

func (c checked) OutboxOf(ctx context.Context, locks []credential.LockID) (Load, error) {
	// No lock at all is a question like another.
	if _, err := several(ctx, "locks", len(locks), MaxBoxes); err != nil {
		return Load{}, err
	}
	return c.s.OutboxOf(ctx, locks)
}

func (c checked) Delivered(ctx context.Context, deliveries []Delivery) error {
	if done, err := several(ctx, "deliveries", len(deliveries), MaxBatch); done {
		return err
	}
	return c.s.Delivered(ctx, deliveries)
}

func (c checked) WantLog(ctx context.Context, lock credential.LockID, wanted bool) error {
	if err := alive(ctx); err != nil {
		return err
	}
	return c.s.WantLog(ctx, lock, wanted)
}

func (c checked) Bring(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	if done, err := several(ctx, "pages", len(pages), MaxPages); done {
		return err
	}
	for _, p := range pages {
		if len(p) != SealedBytes {
			return invalid("a sealed page has %d bytes, this has %d", SealedBytes, len(p))
		}
	}
	return c.s.Bring(ctx, lock, pages)
}

func (c checked) Pages(ctx context.Context, lock credential.LockID) ([][]byte, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	return c.s.Pages(ctx, lock)
}

func (c checked) Taken(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	if done, err := several(ctx, "pages", len(pages), MaxPages); done {
		return err
	}
	return c.s.Taken(ctx, lock, pages)
}
