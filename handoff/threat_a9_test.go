package handoff

func helperServe()    {}
func helperLandlock() {}
