package simulated

import "runtime"

// Knock hands a command to a phone so many times: for measuring calls back.
func Knock(phone Card, times int) error {
	for range times {
		if _, err := phone.Process([]byte{0x80, 0, 0, 0, 0}); err != nil {
			return err
		}
	}
	return nil
}

// Collect collects what nobody holds any more, on Go's side, and returns the bytes
// of what is left.
func Collect() int64 {
	runtime.GC()
	runtime.GC() // what finalizers let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
