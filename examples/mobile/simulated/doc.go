// Package simulated is a world without hardware for tests of apps: a lock in the
// process, those who certify and grant, and a field that can be lost.  No product
// ships it: the setup secret and all keys but the app's own are public.
package simulated
