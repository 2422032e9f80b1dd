package socket

import "noxkey/secret"

// textName binds a sealed text to being one: no value has this name.
const textName secret.Name = ""

// sealTexts seals the texts of a guard as values are sealed, after those of the changes.
func (in *call) sealTexts(server []byte) error {
	if len(in.Request.Texts) == 0 {
		return nil
	}
	if in.Enc != nil {
		return secret.Errorf(secret.Invalid, "a request has values or texts, not both")
	}
	s, err := newSealer(server, binding(toServer, server, in.Key))
	if err != nil {
		return err
	}
	in.Enc = s.enc
	size := 0
	for _, t := range in.Request.Texts {
		sealed, err := s.seal(textName, t)
		if err != nil {
			return err
		}
		if size += len(sealed); size > MaxBatch {
			return secret.Errorf(secret.Invalid, "together the texts are more than 512 KiB: send fewer at once")
		}
		in.Texts = append(in.Texts, sealed)
	}
	return nil
}

// unsealTexts opens them. in.wipe wipes what was opened before an error.
func (in *call) unsealTexts(key oneTime) error {
	if in.Texts == nil {
		return nil
	}
	if in.Sealed != nil || len(in.Texts) > secret.MaxTexts {
		return secret.Errorf(secret.Protocol, "a frame does not fit: too many texts, or values beside them")
	}
	o, err := newOpener(key, in.Enc, binding(toServer, key.public, in.Key))
	if err != nil {
		return err
	}
	for _, sealed := range in.Texts {
		t, err := o.open(textName, sealed)
		if err != nil {
			in.wipe()
			return err
		}
		in.Request.Texts = append(in.Request.Texts, t)
	}
	return nil
}
