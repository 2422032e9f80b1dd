package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// needles are the forms in which a value is searched for.
func needles(value string) map[string]string {
	back := []byte(value)
	slices.Reverse(back)
	half := len(value) / 2
	list := map[string]string{
		"plain": value, "first half": value[:half], "second half": value[half:], "reversed": string(back),
		"hex": hex.EncodeToString([]byte(value)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
	for offset := range 3 { // the characters at both ends depend on the neighbours
		s := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), value...))
		list[fmt.Sprintf("base64 at %d", offset)] = s[4 : len(s)-4]
	}
	return list
}

// leak names the forms in which b holds value, "" for none.
func leak(b []byte, value string) string {
	var forms []string
	for form, n := range needles(value) {
		if bytes.Contains(b, []byte(n)) {
			forms = append(forms, form)
		}
	}
	slices.Sort(forms)
	return strings.Join(forms, ", ")
}

// search looks for the value in all that the model was sent and in every file that
// the run left. At least one file of the user's must hold the value's sum: a client
// that wrote its transcript elsewhere would be searched in vain. Files that were
// deleted meanwhile are not searched.
func (w *world) search(sent [][]byte) error {
	var errs []error
	for i, b := range sent {
		if form := leak(b, w.secret); form != "" {
			errs = append(errs, fmt.Errorf("the value is in request %d to the model (%s)", i, form))
		}
	}
	roots := []string{w.dir}
	for _, ours := range []string{"noxkey", "claude"} { // handoffs, and what the shell tool printed
		more, _ := filepath.Glob(fmt.Sprintf("/tmp/%s-%d*", ours, w.uid))
		roots = append(roots, more...)
	}
	files, size, proofs := 0, 0, 0
	for _, r := range roots {
		errs = append(errs, filepath.WalkDir(r, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // gone meanwhile
			}
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			files, size = files+1, size+len(b)
			if strings.HasPrefix(path, w.path("u")+"/") && bytes.Contains(b, []byte(sum(w.secret))) {
				proofs++
			}
			if form := leak(b, w.secret); form != "" {
				errs = append(errs, fmt.Errorf("the value is in %s (%s)", path, form))
			}
			return err
		}))
	}
	fmt.Printf("  searched for the value: %d requests, %d files of %d KB, %d of them transcripts\n", len(sent), files, size>>10, proofs)
	if len(sent) == 0 || proofs == 0 {
		errs = append(errs, errors.New("there was no request or no transcript to search"))
	}
	return errors.Join(errs...)
}
