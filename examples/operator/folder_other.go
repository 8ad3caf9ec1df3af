//go:build !unix

package main

import "os"

// alone cannot keep another process away here.
func alone(*os.File) error { return nil }
