package dotenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
)

// Bounds of Find where Options has 0.
const (
	DefaultDepth   = 12      // folders below the root
	DefaultFiles   = 1000    // entries in the answer
	DefaultEntries = 500_000 // directory entries looked at
)

// ErrPartial means that a bound of Find was met; the text says which. What was
// found until then is returned with it.
var ErrPartial = errors.New("search is incomplete")

// Options bounds a Find. A field of 0 or less means the default.
type Options struct {
	Depth   int // folders below the root; 1 is the root and its direct folders
	Files   int // entries in the answer
	Entries int // directory entries looked at, of any name
}

// Found is one file of the family, or something that could not be looked into.
type Found struct {
	Path     string // begins with the root as given
	Template bool   // made to be committed, see IsTemplate
	Link     bool   // a symbolic link to a regular file; Remove refuses it
	Size     int64  // bytes
	Err      error  // a folder or link that could not be read, or ErrNotRegular (a FIFO or the like)
}

// templates are the suffixes of files that show which keys are needed.
var templates = []string{"example", "sample", "template", "dist", "defaults", "schema"}

// IsEnvName says whether a file of this base name belongs to the `.env` family:
// .env, .env.NAME, NAME.env, .envrc; upper case counts too, as on a Mac's disk.
// Templates are in it: people do put secrets into them.
func IsEnvName(base string) bool {
	b := strings.ToLower(base)
	return b == ".env" || b == ".envrc" ||
		strings.HasPrefix(b, ".env.") && len(b) > len(".env.") ||
		strings.HasSuffix(b, ".env") && len(b) > len(".env")
}

// IsTemplate says whether a name of the family is that of a template: one of its
// dotted parts is example, sample, template, dist, defaults or schema.
func IsTemplate(base string) bool {
	if !IsEnvName(base) {
		return false
	}
	for _, part := range strings.Split(strings.ToLower(base), ".") {
		for _, t := range templates {
			if part == t {
				return true
			}
		}
	}
	return false
}

// skipped are folders that hold other people's code or a tool's store.
var skipped = map[string]bool{".git": true, ".hg": true, ".svn": true, "node_modules": true, "vendor": true}

// Find lists the `.env` family below the folder root, sorted by path, without
// opening a file. It does not enter .git, .hg, .svn, node_modules or vendor
// (unless root is one) and follows no link to a folder, so links make no loop. A
// folder that cannot be read is an entry with its error, and the search goes on.
//
// Errors: ErrPartial, with what was found; ctx's; and that of a root that cannot
// be read. Which files are missing from a partial answer depends on the order in
// which the file system lists them.
func Find(ctx context.Context, root string, o Options) ([]Found, error) {
	w := &walk{ctx: ctx, o: Options{
		Depth:   orDefault(o.Depth, DefaultDepth),
		Files:   orDefault(o.Files, DefaultFiles),
		Entries: orDefault(o.Entries, DefaultEntries),
	}}
	err := w.dir(root, 0)
	if errors.Is(err, errStop) {
		err = nil
	}
	sort.Slice(w.found, func(i, j int) bool { return w.found[i].Path < w.found[j].Path })
	if err == nil && w.limit != "" {
		err = fmt.Errorf("%w: %s", ErrPartial, w.limit)
	} else if err == nil && w.deep > 0 {
		err = fmt.Errorf("%w: %d folders are more than %d deep", ErrPartial, w.deep, w.o.Depth)
	}
	return w.found, err
}

func orDefault(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}

// errStop ends a walk that met a bound.
var errStop = errors.New("stop")

type walk struct {
	ctx     context.Context
	o       Options
	found   []Found
	entries int    // looked at so far
	deep    int    // folders not entered
	limit   string // which bound ended the walk
}

// dir looks through one folder, in batches, so that a folder with a million files
// costs no more memory than the bounds allow.
func (w *walk) dir(path string, depth int) error {
	flags := os.O_RDONLY | syscall.O_DIRECTORY | syscall.O_NONBLOCK
	if depth > 0 {
		flags |= syscall.O_NOFOLLOW // it was a folder when it was listed; a swapped link is an error
	}
	f, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return w.unreadable(path, depth, err)
	}
	defer f.Close()
	var folders []string
	for {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		batch, err := f.ReadDir(256)
		for _, e := range batch {
			if err := w.entry(path, e, &folders); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			if err := w.unreadable(path, depth, err); err != nil {
				return err
			}
			break
		}
	}
	f.Close() // before the folders below: one descriptor, whatever the depth
	return w.below(folders, depth+1)
}

func (w *walk) below(folders []string, depth int) error {
	if depth > w.o.Depth {
		w.deep += len(folders)
		return nil
	}
	for _, path := range folders {
		if err := w.dir(path, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) entry(dir string, e fs.DirEntry, folders *[]string) error {
	if w.entries++; w.entries > w.o.Entries {
		return w.stop(fmt.Sprintf("stopped after %d directory entries", w.o.Entries))
	}
	path := filepath.Join(dir, e.Name())
	if e.IsDir() {
		if !skipped[e.Name()] {
			*folders = append(*folders, path)
		}
		return nil
	}
	if !IsEnvName(e.Name()) {
		return nil
	}
	found := Found{Path: path, Template: IsTemplate(e.Name()), Link: e.Type()&fs.ModeSymlink != 0}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		found.Err = err
	case info.IsDir():
		return nil // a link to a folder of that name
	case !info.Mode().IsRegular():
		found.Err = notRegular("find", path)
	default:
		found.Size = info.Size()
	}
	return w.add(found)
}

// unreadable records a folder's error; the root's ends the walk.
func (w *walk) unreadable(path string, depth int, err error) error {
	if depth == 0 {
		return err
	}
	return w.add(Found{Path: path, Err: err})
}

func (w *walk) add(f Found) error {
	if len(w.found) == w.o.Files {
		return w.stop(fmt.Sprintf("stopped after %d files", w.o.Files))
	}
	w.found = append(w.found, f)
	return nil
}

func (w *walk) stop(why string) error {
	w.limit = why
	return errStop
}
