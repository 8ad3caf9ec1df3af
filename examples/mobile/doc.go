// Package postern is the part of the library that gobind makes Java and Objective-C of.
package postern
