//! The compiler flags that make arithmetic in a component nearly as fast as outside of it.

use cargo_config2::Flags;

use super::Compiler;

/// The first LLVM that compiles wide arithmetic rightly: 22, of rustc 1.95 to 1.98, miscompiles
/// `i64::checked_mul` and `saturating_mul`.
const WIDE_LLVM: u32 = 23;

/// Which features of WebAssembly to add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acceleration {
    /// None.
    Plain,
    /// 128-bit vectors.
    Vectors,
    /// 128-bit vectors, and 64-bit multiplication with a 128-bit result.
    VectorsAndWide,
}

impl Acceleration {
    pub(super) fn choose(plain: bool, compiler: &Compiler) -> Self {
        match compiler.llvm_major() {
            _ if plain => Self::Plain,
            Some(WIDE_LLVM..) => Self::VectorsAndWide,
            _ => Self::Vectors,
        }
    }

    /// Returns the names of the features.
    pub(super) fn features(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::Vectors => &["simd128"],
            Self::VectorsAndWide => &["simd128", "wide-arithmetic"],
        }
    }

    /// Says why these.
    pub(super) fn reason(self, compiler: &Compiler) -> String {
        match (self, &compiler.llvm) {
            (Self::Plain, _) => "a plain build was asked for".to_owned(),
            (Self::VectorsAndWide, _) => format!("with LLVM {WIDE_LLVM} or newer"),
            (Self::Vectors, Some(llvm)) => format!(
                "without wide-arithmetic, which LLVM {llvm} miscompiles; LLVM {WIDE_LLVM}, of rustc \
                 1.99, does not"
            ),
            (Self::Vectors, None) => {
                "without wide-arithmetic: the compiler does not say which LLVM it has".to_owned()
            }
        }
    }

    /// Puts the flags before the author's, whose flags win; none where there is nothing to add.
    pub(super) fn rustflags(self, theirs: Option<Flags>) -> Option<Flags> {
        if self == Self::Plain {
            return None;
        }
        let mut flags = Flags::default();
        flags.push("-Ctarget-feature=+".to_owned() + &self.features().join(",+"));
        if self == Self::VectorsAndWide {
            // The crate would take 32-bit limbs, since pointers are of 32 bits. Without wide
            // arithmetic those are the faster ones.
            flags.push("--cfg=curve25519_dalek_bits=\"64\"");
        }
        theirs.into_iter().flat_map(|theirs| theirs.flags).for_each(|flag| flags.push(flag));
        Some(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiler(llvm: Option<&str>) -> Compiler {
        Compiler { rustc: "1.x".to_owned(), llvm: llvm.map(str::to_owned) }
    }

    #[test]
    fn wide_arithmetic_needs_a_compiler_that_compiles_it_rightly() {
        for (llvm, expected) in [
            (Some("23.1.1"), Acceleration::VectorsAndWide),
            (Some("24"), Acceleration::VectorsAndWide),
            (Some("22.1.2"), Acceleration::Vectors),
            (Some("9.0"), Acceleration::Vectors),
            (None, Acceleration::Vectors),
        ] {
            assert_eq!(Acceleration::choose(false, &compiler(llvm)), expected, "{llvm:?}");
            assert_eq!(Acceleration::choose(true, &compiler(llvm)), Acceleration::Plain);
        }
    }

    #[test]
    fn the_authors_flags_come_last() {
        let theirs = || Some(Flags::from_space_separated("--cfg a -Ctarget-feature=-simd128"));
        let flags = |acceleration: Acceleration, theirs| {
            acceleration.rustflags(theirs).map(|flags| flags.flags.join(" "))
        };
        assert_eq!(flags(Acceleration::Plain, theirs()), None);
        assert_eq!(
            flags(Acceleration::Vectors, theirs()).as_deref(),
            Some("-Ctarget-feature=+simd128 --cfg a -Ctarget-feature=-simd128")
        );
        assert_eq!(
            flags(Acceleration::VectorsAndWide, None).as_deref(),
            Some("-Ctarget-feature=+simd128,+wide-arithmetic --cfg=curve25519_dalek_bits=\"64\"")
        );
    }
}
