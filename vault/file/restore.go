package file

import (
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// Previous returns when the previous generation of the vault at path was written,
// in UTC, if it is whole as far as can be seen without a passphrase. It is what a
// person is told before they choose to Restore. The error has code NotFound,
// Damaged or Storage.
func Previous(path string) (time.Time, error) {
	d, err := openFolder(path)
	if err != nil {
		return time.Time{}, err
	}
	v, err := d.loadPrevious()
	if err != nil {
		_ = d.Close()
		return time.Time{}, err
	}
	defer v.Close()
	return time.Unix(0, v.stamp.mtime).UTC(), nil
}

// loadPrevious opens the previous generation, if it is another file than the present one.
func (d *folder) loadPrevious() (*Vault, error) {
	v, err := d.load(d.previous())
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	err = unix.Fstatat(d.fd(), d.name, &st, unix.AT_SYMLINK_NOFOLLOW)
	if err == nil && makeStamp(&st).ino == v.stamp.ino {
		_ = v.file.Close()
		return nil, secret.Errorf(secret.NotFound, "there is no other generation than the present one")
	}
	return v, nil
}

// Restore puts the previous generation in the place of the vault at path, which it
// keeps beside it under the name it returns ("" if there was none). Nothing of ours
// calls it unasked: what was written last is lost from the vault by it. A Vault that is
// open at path must be closed, and opened again afterwards. The errors are Previous's.
func Restore(path string) (kept string, err error) {
	d, err := openFolder(path)
	if err != nil {
		return "", err
	}
	defer d.Close()
	v, err := d.loadPrevious()
	if err != nil {
		return "", err
	}
	defer v.file.Close()
	return d.restore(time.Now())
}

func (d *folder) restore(now time.Time) (kept string, err error) {
	if d.exists(d.name) {
		kept = d.name + ".damaged-" + now.UTC().Format("20060102-150405")
		if err := d.fs.link(d.fd(), d.name, kept); err != nil {
			return "", storageError(err)
		}
	}
	name := d.fresh()
	if err := d.fs.link(d.fd(), d.previous(), name); err != nil {
		return "", storageError(err)
	}
	if err := d.fs.rename(d.fd(), name, d.name); err != nil {
		_ = d.fs.unlink(d.fd(), name)
		return "", storageError(err)
	}
	if err := d.syncDir(); err != nil {
		return "", storageError(err)
	}
	return kept, nil
}
