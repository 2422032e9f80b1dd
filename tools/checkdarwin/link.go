package main

import "errors"

func checkLink(config) error { return errors.New("-link is not written yet") }
