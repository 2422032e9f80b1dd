// Package dotenv reads `.env`-family text literally, finds such files, and
// writes them.
//
// Literally means: no interpolation, no command substitution, no look at the
// environment. A `$` in a secret is a `$`.
//
// The rules are those of the dotenv npm package (the reader most such files
// were written for), with differences that are listed, each with its reason, in
// corpus_test.go. The main ones:
//
//   - Inside double quotes `\"` and `\\` mean `"` and `\`, beside npm's `\n` and
//     `\r`. npm keeps the backslash; shells and the Python, Ruby and Go readers
//     do not. A pair that depends on this carries a Doubt.
//   - A quote that is never closed, or that has text after it, makes a bad line.
//     npm hands out the text with the quote in it.
//   - A pair begins on the line of its name. npm lets `KEY`, `=` and an opening
//     quote stand on different lines.
//   - Bytes that are not UTF-8 are kept; npm replaces them by U+FFFD.
//
// Text that is not a pair is never dropped in silence: it is a BadLine. Errors
// and reasons carry line numbers and sizes, never any text of the file, because
// that text may be a secret.
//
// Memory: values are copies that belong to the caller. Intermediate buffers made
// here are overwritten after use. Go may have copied them before (growing a
// slice, moving a stack), so this narrows what stays in memory and does not
// empty it.
package dotenv
