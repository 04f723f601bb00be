//! Ed25519 keys under which a signature proves nothing (RFC 8032 §5.1; RFC 8725 §3.4 asks to check points).

/// The field's prime, 2^255 − 19, little-endian like all numbers here.
const PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

/// The y coordinates of the points of small order. Under such a key everybody can sign.
const SMALL_ORDER: [[u8; 32]; 5] = [
    // Order 4.
    [0; 32],
    // The neutral element.
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    // Order 2: −1.
    {
        let mut minus_one = PRIME;
        minus_one[0] = 0xec;
        minus_one
    },
    // Order 8.
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
];

/// Whether a key's y coordinate is written in its one canonical way and is not that of a point of small order.
pub(super) fn is_sound(key: &[u8]) -> bool {
    const SIGN_OF_X: u8 = 0x80;
    let Ok(mut y): Result<[u8; 32], _> = key.try_into() else {
        return false;
    };
    if let Some(last) = y.last_mut() {
        *last &= !SIGN_OF_X;
    }
    y.iter().rev().lt(PRIME.iter().rev()) && !SMALL_ORDER.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_sign(mut key: [u8; 32]) -> [u8; 32] {
        key[31] |= 0x80;
        key
    }

    /// y + p, where that still fits into 255 bits.
    fn not_canonical(y: u8) -> [u8; 32] {
        let mut key = PRIME;
        key[0] = 0xed_u8.wrapping_add(y);
        key
    }

    #[test]
    fn j8_a_point_of_small_order_is_no_key() {
        for point in SMALL_ORDER {
            assert!(!is_sound(&point), "{point:?}");
            assert!(!is_sound(&with_sign(point)), "{point:?}");
        }
    }

    #[test]
    fn j8_a_coordinate_beyond_the_prime_is_no_key() {
        for y in 0..19 {
            assert!(!is_sound(&not_canonical(y)), "{y}");
            assert!(!is_sound(&with_sign(not_canonical(y))), "{y}");
        }
    }

    #[test]
    fn a_key_has_32_bytes() {
        for length in [0, 1, 31, 33, 64] {
            assert!(!is_sound(&vec![9; length]), "{length}");
        }
    }

    #[test]
    fn other_keys_are_sound() {
        // The base point, 4/5 (RFC 8032 §5.1), and the greatest coordinate but one.
        let mut base = [0x66; 32];
        base[0] = 0x58;
        let mut greatest = PRIME;
        greatest[0] = 0xeb;

        for key in [base, greatest] {
            assert!(is_sound(&key));
            assert!(is_sound(&with_sign(key)));
        }
    }
}
