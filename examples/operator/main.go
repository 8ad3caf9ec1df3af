// Command operator is a small issuing service with the owner's page.
package main

func main() {}
