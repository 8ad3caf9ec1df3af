// Package audit checks receipts and logs by the million.
package audit
