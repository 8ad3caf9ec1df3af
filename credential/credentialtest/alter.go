package credentialtest

// An alteration takes bytes that are good and returns others.  The functions of
// this file make alterations of one layer each; they panic where the bytes have
// not the form of that layer, since then the tester's case is wrong.

// Replace puts other bytes in the place of whatever there is.
func Replace(b []byte) func([]byte) []byte {
	return func([]byte) []byte { return b }
}

// Flip inverts the lowest bit of the byte at the index, counted from the end
// where the index is negative.
func Flip(index int) func([]byte) []byte {
	return func(b []byte) []byte {
		i := index
		if i < 0 {
			i += len(b)
		}
		b[i] ^= 1
		return b
	}
}

// Extend puts bytes behind.
func Extend(more ...byte) func([]byte) []byte {
	return func(b []byte) []byte { return append(b, more...) }
}

// Cut takes bytes off the end.
func Cut(n int) func([]byte) []byte {
	return func(b []byte) []byte { return b[:len(b)-n] }
}

// OfMap alters an encoded map.
func OfMap(alter func(*Map)) func([]byte) []byte {
	return func(b []byte) []byte {
		m, err := ParseMap(b)
		if err != nil {
			panic(errForm)
		}
		alter(&m)
		return m.Encode()
	}
}

// OfItems alters a sequence of items.
func OfItems(alter func([][]byte) [][]byte) func([]byte) []byte {
	return func(b []byte) []byte {
		items, err := Items(b)
		if err != nil {
			panic(errForm)
		}
		var out []byte
		for _, item := range alter(items) {
			out = append(out, item...)
		}
		return out
	}
}

// SetItem puts another item in the place of one of a sequence.
func SetItem(index int, item []byte) func([]byte) []byte {
	return OfItems(func(items [][]byte) [][]byte {
		items[index] = item
		return items
	})
}

// OfObject alters an encoded object.  The alteration signs it anew, or leaves the
// signature as it was.
func OfObject(alter func(*Object)) func([]byte) []byte {
	return func(b []byte) []byte {
		o, err := ParseObject(b)
		if err != nil {
			panic(errForm)
		}
		alter(o)
		return o.Encode()
	}
}
