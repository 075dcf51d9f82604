//! `--read all`: the text of a page in a picture is found whichever way it lies; by default it is not
//! looked for.

mod support;

use std::path::Path;

use image::DynamicImage;
use serde_json::Value;
use support::{folder, lines, root, run, status, stderr};

fn scan(path: &Path, more: &[&str]) -> Vec<Value> {
    let args = ["scan", "--format", "jsonl"].iter().chain(more).map(|a| a.as_ref());
    let output = run(args.chain([path.as_os_str()]));
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    lines(&output.stdout)
}

#[test]
fn numbers_on_a_page_are_found_whichever_way_it_lies() {
    let dir = folder();
    let page = image::open(root().join("fixtures/pages/contract.png")).unwrap();
    type Turn = fn(&DynamicImage) -> DynamicImage;
    let turns: [(&str, Turn, [u32; 2]); 4] = [
        ("upright", |p| p.clone(), [1100, 700]),
        ("left", DynamicImage::rotate270, [700, 1100]),
        ("down", DynamicImage::rotate180, [1100, 700]),
        ("mirrored", DynamicImage::fliph, [1100, 700]),
    ];
    for (name, turn, [width, height]) in turns {
        let file = dir.path().join(format!("{name}.png"));
        turn(&page).save(&file).unwrap();
        let found = scan(&file, &["--read", "all"]);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!((&found[0]["kind"], &found[0]["count"]), (&"iin".into(), &2.into()));
        // What the labels say of each, not the number of the company between them.
        let mut subjects: Vec<&str> =
            (0..2).map(|i| found[0]["subjects"][i]["iin"].as_str().unwrap()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["********0004", "********3985"]);
        let regions = [&found[0]["location"]["region"], &found[0]["occurrences"][0]["region"]];
        for region in regions {
            let [x, y, w, h] = [0, 1, 2, 3].map(|i| region[i].as_u64().unwrap() as u32);
            let fits = x + w <= width && y + h <= height;
            assert!(fits && w.max(h) > 200 && w.min(h) < 80, "{name}: {region}");
        }
        assert_ne!(regions[0], regions[1]);
        assert!(scan(&file, &[]).is_empty(), "{name} is read unasked");
    }
}
