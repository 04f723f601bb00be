//! The form in which Entra ID names tenants and apps.

/// Whether the text is a GUID: 8-4-4-4-12 hexadecimal digits (RFC 9562 §4).
#[must_use]
pub fn is_guid(text: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq(GROUPS)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11", true)]
    #[case("8F8E2F2C-0F0B-4D3F-9A51-3D1F6F0C8A11", true)]
    #[case("8f8e2f2c0f0b4d3f9a513d1f6f0c8a11", false)]
    #[case("contoso.onmicrosoft.com", false)]
    fn a_guid_is_told_from_a_domain(#[case] text: &str, #[case] guid: bool) {
        assert_eq!(is_guid(text), guid);
    }
}
