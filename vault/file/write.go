package file

import (
	"bufio"
	"crypto/sha256"
	"io"
	"os"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
)

// commit replaces the vault's file with one that has that header and content,
// and takes them over: write beside it, flush, keep the present file as the
// previous generation, rename, flush the directory. Whatever fails before the
// rename leaves the vault as it was, in the file and in memory; after it, the vault is
// the new one in both, also where an error says that this may not last. (If the rename is
// what fails, or the machine stops before it, the previous generation is the
// present one, a second time.) The caller holds mu.
func (v *Vault) commit(h header, x *index, b *browse) error {
	if v.file != nil {
		if err := v.dir.unchanged(v.stamp); err != nil {
			return err
		}
	}
	if !v.swept {
		v.dir.sweep()
		v.swept = true
	}
	sealed, err := finish(&h, x, b)
	if err != nil {
		return err
	}
	name := v.dir.fresh()
	f, err := v.write(name, &h, sealed, x)
	if err != nil {
		return err
	}
	s, err := stampOf(f)
	if err == nil {
		err = v.install(name)
	}
	// A rename can be done and its answer lost (NFS): what is there counts.
	if err != nil && v.dir.unchanged(s) != nil {
		_ = f.Close()
		_ = v.dir.fs.unlink(v.dir.fd(), name)
		return err
	}
	v.adopt(f, s, h, x)
	if err == nil {
		err = v.dir.syncDir()
	}
	if err != nil {
		return secret.Errorf(secret.Storage, "the change is in the vault, but the disk did not confirm it (%s): it may be lost if the machine stops now", cause(err))
	}
	return nil
}

// finish seals the index and completes the header.
func finish(h *header, x *index, b *browse) ([]byte, error) {
	plain := x.encode()
	defer secret.Wipe(plain)
	if len(plain)+sealing.Overhead > maxIndex {
		return nil, secret.Errorf(secret.Storage, "the vault would be too large; nothing was written")
	}
	h.indexSize, h.valuesSize = int64(len(plain)+sealing.Overhead), 0
	for _, r := range x.Rows {
		h.valuesSize += r.Rest.size
	}
	sealed := sealing.Seal(b.index(), plain, h.encode()[:indexADSize])
	h.indexHash = sha256.Sum256(sealed)
	return sealed, nil
}

// write creates the file name and flushes it to the disk, or leaves none.
func (v *Vault) write(name string, h *header, sealed []byte, x *index) (*os.File, error) {
	f, err := v.dir.fs.create(v.dir.fd(), name)
	if err != nil {
		return nil, storageError(err)
	}
	err = f.Chmod(0o600) // a umask may have taken more than it should
	if err == nil {
		w := bufio.NewWriterSize(writer{v, f}, 1<<18)
		err = v.fill(w, h, sealed, x)
		if err == nil {
			err = w.Flush()
		}
	}
	if err == nil {
		err = v.dir.fs.sync(f)
	}
	if err != nil {
		_ = f.Close()
		_ = v.dir.fs.unlink(v.dir.fd(), name)
		return nil, storageError(err)
	}
	return f, nil
}

type writer struct {
	v *Vault
	f *os.File
}

func (w writer) Write(b []byte) (int, error) { return w.v.dir.fs.write(w.f, b) }

// fill writes header, index and values. Sealed values that stay are copied from the
// present file, in runs that lie together there. They are copied as they are:
// a damaged one stays damaged, and the hash in the index keeps naming it.
func (v *Vault) fill(w *bufio.Writer, h *header, sealed []byte, x *index) error {
	if _, err := w.Write(h.encode()); err != nil {
		return err
	}
	if _, err := w.Write(sealed); err != nil {
		return err
	}
	var from, to int64
	flush := func() error {
		if from == to {
			return nil
		}
		_, err := io.CopyN(w, io.NewSectionReader(v.file, from, to-from), to-from)
		from, to = 0, 0
		return err
	}
	for _, r := range x.Rows {
		switch b := r.Rest; {
		case b.pending != nil:
			if err := flush(); err != nil {
				return err
			}
			if _, err := w.Write(b.pending); err != nil {
				return err
			}
		case b.off == to && to > from:
			to += b.size
		default:
			if err := flush(); err != nil {
				return err
			}
			from, to = b.off, b.off+b.size
		}
	}
	return flush()
}

// install gives the written file the vault's name.
func (v *Vault) install(name string) error {
	d, fs := v.dir, &v.dir.fs
	if v.file == nil { // the first generation must not take anybody's place
		if err := fs.link(d.fd(), name, d.name); err != nil {
			return linkError(err)
		}
		_ = fs.unlink(d.fd(), name)
		return nil
	}
	old := d.fresh()
	if err := fs.link(d.fd(), d.name, old); err != nil {
		return linkError(err)
	}
	err := fs.rename(d.fd(), old, d.previous())
	if err == nil {
		// Where both names are of one file already, POSIX lets rename do nothing
		// and leave the first; so remove it.
		_ = fs.unlink(d.fd(), old)
		err = fs.rename(d.fd(), name, d.name)
	}
	if err != nil {
		_ = fs.unlink(d.fd(), old)
		return storageError(err)
	}
	return nil
}

// adopt takes the written file and what is in it as the vault's.
func (v *Vault) adopt(f *os.File, s stamp, h header, x *index) {
	if v.file != nil {
		_ = v.file.Close()
	}
	v.file, v.stamp, v.header, v.index = f, s, h, x
	off := headerSize + h.indexSize
	for _, r := range x.Rows {
		r.Rest.off, r.Rest.pending = off, nil
		off += r.Rest.size
	}
}
