//! The words by which devices and programs name themselves in a file, reduced to what they are.
//!
//! Only the kind leaves here, never the words: a serial number or a user's name may stand beside
//! them. The words are those that the makers write into EXIF `Software`, TIFF `Make`, PNG texts,
//! XMP `CreatorTool` and PDF `Producer` and `Creator`.

use crate::flow::Maker;

/// Properties that name a device or a program. Any other may quote one.
const PROPERTIES: &[&str] = &[
    "software",
    "make",
    "model",
    "hostcomputer",
    "creatortool",
    "producer",
    "creator",
    "source",
    "usercomment",
    "softwareagent",
    "application",
];

/// Lower-case words and their kind; the first that is in the value decides. Apps stand before
/// scanners ("Adobe Scan" is an app, "scan" alone a scanner), special tools before the suites and
/// systems whose name they carry.
const WORDS: &[(&str, Maker)] = &[
    ("camscanner", Maker::ScanApp),
    ("intsig", Maker::ScanApp),
    ("adobe scan", Maker::ScanApp),
    ("office lens", Maker::ScanApp),
    ("microsoft lens", Maker::ScanApp),
    ("genius scan", Maker::ScanApp),
    ("scanbot", Maker::ScanApp),
    ("tapscanner", Maker::ScanApp),
    ("turboscan", Maker::ScanApp),
    ("tiny scanner", Maker::ScanApp),
    ("clear scan", Maker::ScanApp),
    ("clearscanner", Maker::ScanApp),
    ("scanner pro", Maker::ScanApp),
    ("swiftscan", Maker::ScanApp),
    ("vflat", Maker::ScanApp),
    ("notebloc", Maker::ScanApp),
    ("screenshot", Maker::Screenshot),
    ("screen shot", Maker::Screenshot),
    ("screencapture", Maker::Screenshot),
    ("lightshot", Maker::Screenshot),
    ("greenshot", Maker::Screenshot),
    ("flameshot", Maker::Screenshot),
    ("sharex", Maker::Screenshot),
    ("snagit", Maker::Screenshot),
    ("snipping", Maker::Screenshot),
    ("spectacle", Maker::Screenshot),
    ("scan", Maker::Scanner),
    ("twain", Maker::Scanner),
    ("naps2", Maker::Scanner),
    ("mfp", Maker::Scanner),
    ("workcentre", Maker::Scanner),
    ("versalink", Maker::Scanner),
    ("altalink", Maker::Scanner),
    ("xerox", Maker::Scanner),
    ("kyocera", Maker::Scanner),
    ("taskalfa", Maker::Scanner),
    ("ecosys", Maker::Scanner),
    ("konica", Maker::Scanner),
    ("bizhub", Maker::Scanner),
    ("ricoh aficio", Maker::Scanner),
    ("ricoh im", Maker::Scanner),
    ("ricoh mp", Maker::Scanner),
    ("imagerunner", Maker::Scanner),
    ("i-sensys", Maker::Scanner),
    ("canon mf", Maker::Scanner),
    ("canon ir", Maker::Scanner),
    ("laserjet", Maker::Scanner),
    ("officejet", Maker::Scanner),
    ("digital sending", Maker::Scanner),
    ("lexmark", Maker::Scanner),
    ("e-studio", Maker::Scanner),
    ("sharp mx", Maker::Scanner),
    ("brother mfc", Maker::Scanner),
    ("brother dcp", Maker::Scanner),
    ("paperport", Maker::Scanner),
    ("paperstream", Maker::Scanner),
    ("finereader", Maker::Scanner),
    ("perfection v", Maker::Scanner),
    ("skia/pdf", Maker::Browser),
    ("chromium", Maker::Browser),
    ("headlesschrome", Maker::Browser),
    ("mozilla", Maker::Browser),
    ("firefox", Maker::Browser),
    ("wkhtmltopdf", Maker::Browser),
    ("weasyprint", Maker::Browser),
    ("prince ", Maker::Browser),
    ("microsoft", Maker::Office),
    ("libreoffice", Maker::Office),
    ("openoffice", Maker::Office),
    ("r7-office", Maker::Office),
    ("onlyoffice", Maker::Office),
    ("wps office", Maker::Office),
    ("wps writer", Maker::Office),
    ("1c:", Maker::Office),
    ("1с:", Maker::Office),
    ("acrobat pdfmaker", Maker::Office),
    ("acrobat distiller", Maker::Office),
    ("pdfcreator", Maker::Office),
    ("cutepdf", Maker::Office),
    ("dopdf", Maker::Office),
    ("bullzip", Maker::Office),
    ("fastreport", Maker::Office),
    ("jasperreports", Maker::Office),
    ("itext", Maker::Office),
    ("reportlab", Maker::Office),
    ("tcpdf", Maker::Office),
    ("pdftex", Maker::Office),
    ("photoshop", Maker::Editor),
    ("gimp", Maker::Editor),
    ("paint", Maker::Editor),
    ("imagemagick", Maker::Editor),
    ("img2pdf", Maker::Editor),
    ("ilovepdf", Maker::Editor),
    ("quartz pdfcontext", Maker::Editor),
];

/// What the value of a property names; [`Maker::Unknown`] for properties that name nothing.
pub(super) fn named(property: &str, value: &str) -> Maker {
    if !PROPERTIES.iter().any(|p| property.eq_ignore_ascii_case(p)) {
        return Maker::Unknown;
    }
    let value = value.to_lowercase();
    let found = WORDS.iter().find(|(word, _)| value.contains(word));
    found.map_or(Maker::Unknown, |(_, maker)| *maker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_are_known_by_their_words() {
        for (value, maker) in [
            ("intsig.com pdf producer", Maker::ScanApp),
            ("Adobe Scan for Android 23.04", Maker::ScanApp),
            ("KONICA MINOLTA bizhub C284e", Maker::Scanner),
            ("EPSON Scan 2", Maker::Scanner),
            ("Canon iR-ADV C3520", Maker::Scanner),
            ("Skia/PDF m120", Maker::Browser),
            ("Microsoft: Print To PDF", Maker::Office),
            ("gnome-screenshot", Maker::Screenshot),
            ("Adobe Photoshop 24.1", Maker::Editor),
            ("samsung SM-A515F", Maker::Unknown),
        ] {
            assert_eq!(named("Producer", value), maker, "{value}");
        }
    }

    #[test]
    fn only_properties_that_name_a_maker_count() {
        assert_eq!(named("Title", "Scan of a contract"), Maker::Unknown);
        assert_eq!(named("software", "NAPS2"), Maker::Scanner);
    }
}
