package types

import "testing"

func TestIn(t *testing.T) {
	t.Fatal(number(1)) // want "too many arguments"
}

func fromTest() int { return 7 }
