package audit

import "iter"

// ordered maps what comes in by work, on so many goroutines at once, and gives the
// results in the order of what came in.  The stream and its reader run on the
// caller's goroutine.  An error of the stream comes out in its place and ends it.
// When it returns, no goroutine is left.
func ordered[A, B any](workers int, in iter.Seq2[A, error], work func(A) B) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		var waiting []chan B
		next := func() B {
			b := <-waiting[0]
			waiting = waiting[1:]
			return b
		}
		defer func() {
			for len(waiting) > 0 {
				next()
			}
		}()
		var failed error
		for a, err := range in {
			if failed = err; err != nil {
				break
			}
			done := make(chan B, 1)
			go func() { done <- work(a) }()
			if waiting = append(waiting, done); len(waiting) >= 2*workers && !yield(next(), nil) {
				return
			}
		}
		for len(waiting) > 0 {
			if !yield(next(), nil) {
				return
			}
		}
		if failed != nil {
			var none B
			yield(none, failed)
		}
	}
}
