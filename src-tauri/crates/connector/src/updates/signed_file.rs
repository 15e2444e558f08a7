//! Verifies the signature of the file about newer versions, in minisign's format, and parses it. Pure.

use minisign_verify::{PublicKey, Signature};

use model::code::Code;
use model::update_notice::UpdateNotice;

/// Returns the notice in a file whose signature is valid. `key` is the public key as base64, or the text of its file.
///
/// # Errors
/// [`Code::UpdateSourceInvalid`] for a key that is none, [`Code::UpdateSignatureInvalid`], [`Code::UpdateUnreadable`].
pub(super) fn verified(file: &[u8], signature: &[u8], key: &str) -> Result<UpdateNotice, Code> {
    let key = PublicKey::decode(key.trim()).or_else(|_| PublicKey::from_base64(key.trim()));
    let key = key.map_err(|_| Code::UpdateSourceInvalid)?;
    let signature = std::str::from_utf8(signature).map_err(|_| Code::UpdateSignatureInvalid)?;
    let signature = Signature::decode(signature).map_err(|_| Code::UpdateSignatureInvalid)?;
    // Only signatures over the hash of the file, which minisign makes by default.
    key.verify(file, &signature, false).map_err(|_| Code::UpdateSignatureInvalid)?;
    UpdateNotice::parse(file)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use minisign::KeyPair;

    use super::*;

    const FILE: &str = r#"{"version": "1.2.3", "date": "2026-03-10", "link": "https://example.com/download"}"#;

    fn sign(pair: &KeyPair, file: &str) -> String {
        let signed = minisign::sign(Some(&pair.pk), &pair.sk, Cursor::new(file), Some("version 1.2.3"), None);
        signed.unwrap().into_string()
    }

    #[test]
    fn a_signed_file_is_read_with_the_key_in_either_form() {
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        let signature = sign(&pair, FILE);
        for key in [pair.pk.to_base64(), pair.pk.to_box().unwrap().into_string()] {
            let notice = verified(FILE.as_bytes(), signature.as_bytes(), &key).unwrap();
            assert_eq!((notice.version.as_str(), notice.link.as_str()), ("1.2.3", "https://example.com/download"));
        }
    }

    #[test]
    fn a_changed_file_another_key_and_a_changed_signature_are_refused() {
        let [pair, other] = [(); 2].map(|()| KeyPair::generate_unencrypted_keypair().unwrap());
        let (key, signature) = (pair.pk.to_base64(), sign(&pair, FILE));
        let refused = |file: &str, signature: &str, key: &str| {
            assert_eq!(
                verified(file.as_bytes(), signature.as_bytes(), key),
                Err(Code::UpdateSignatureInvalid),
                "{file}"
            );
        };
        refused(&FILE.replace("1.2.3", "9.9.9"), &signature, &key);
        refused(&format!("{FILE} "), &signature, &key);
        refused(FILE, &signature, &other.pk.to_base64());
        refused(FILE, &sign(&other, FILE), &key);
        refused(FILE, &signature.replace("version 1.2.3", "version 1.2.4"), &key);
        refused(FILE, "", &key);
        refused(FILE, "untrusted comment: x\nAAAA\ntrusted comment: y\nAAAA\n", &key);
    }

    #[test]
    fn what_is_signed_must_be_a_notice_and_the_key_must_be_one() {
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        let key = pair.pk.to_base64();
        let garbage = sign(&pair, "no notice");
        assert_eq!(verified(b"no notice", garbage.as_bytes(), &key), Err(Code::UpdateUnreadable));
        let signature = sign(&pair, FILE);
        assert_eq!(verified(FILE.as_bytes(), signature.as_bytes(), "no key"), Err(Code::UpdateSourceInvalid));
        assert_eq!(verified(FILE.as_bytes(), &[0xff], &key), Err(Code::UpdateSignatureInvalid));
    }
}
