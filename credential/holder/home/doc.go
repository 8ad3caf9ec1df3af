// Package home is the owner's side of a box, for developers of owners' apps.
package home
