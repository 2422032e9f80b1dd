//go:build contract

package tagged

var number int = "seven"
