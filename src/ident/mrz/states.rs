//! Codes of states and issuing organisations in machine readable zones.
//!
//! ISO 3166-1 alpha-3 and the special codes of ICAO Doc 9303 part 3, section 5, with a few
//! withdrawn ones that still stand in documents. Sorted, for binary search.

/// Three characters each; Germany is `D<<`.
pub(super) const CODES: &[[u8; 3]] = &codes();

const LIST: &str = "ABW AFG AGO AIA ALA ALB AND ANT ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR \
BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI \
CUB CUW CXR CYM CYP CZE D<< DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH EUE FIN FJI FLK FRA FRO FSM GAB GBD \
GBN GBO GBP GBR GBS GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IAO IDN \
IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO \
LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL \
NER NFK NGA NIC NIU NLD NOR NPL NRU NTZ NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU RKS \
ROU RUS RWA SAU SCG SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA \
TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI UNA UNK UNO URY USA UTO UZB VAT VCT VEN VGB VIR \
VNM VUT WLF WSM XAA XBA XCC XCE XCO XCT XDC XEC XES XIM XMP XOM XPO XSP XXA XXB XXC XXX YEM YUG ZAF ZAR ZMB ZWE";

const COUNT: usize = LIST.len().div_ceil(4);

const fn codes() -> [[u8; 3]; COUNT] {
    let bytes = LIST.as_bytes();
    let mut out = [[0; 3]; COUNT];
    let mut i = 0;
    while i < COUNT {
        out[i] = [bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2]];
        i += 1;
    }
    out
}

/// Whether these three characters name a state or an organisation that issues documents.
pub(super) fn known(code: &[u8]) -> bool {
    CODES.binary_search_by(|c| c.as_slice().cmp(code)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_each_code_is_found() {
        assert!(CODES.windows(2).all(|w| w[0] < w[1]), "sorted, no repeats");
        assert!(CODES.iter().all(|c| known(c)));
    }

    #[test]
    fn germany_is_one_letter_and_made_up_codes_are_unknown() {
        assert!(known(b"D<<") && known(b"KAZ") && known(b"UTO"));
        assert!(!known(b"QQQ") && !known(b"KA") && !known(b"D<"));
    }
}
