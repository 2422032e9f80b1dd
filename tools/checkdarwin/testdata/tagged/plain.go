// Package tagged is a fixture: its error stands behind a build tag.
package tagged
