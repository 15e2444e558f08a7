use super::*;

#[test]
fn only_an_administrators_sign_in_can_be_overridden() {
    assert!(ProtectionReason::AdministratorSignIn.is_overridable());
    assert!(!ProtectionReason::ThisComputer.is_overridable());
}
