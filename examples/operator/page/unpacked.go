//go:build !packed

package page

//go:generate go run ./pack

// packed returns no phone: the program was built without the tag packed.
func packed() (Phone, bool) { return Phone{}, false }
