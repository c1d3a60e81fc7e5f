//! `ui/src/host/ipc.gen.ts`: the interface in TypeScript. `./dev generate` writes it, the tests hold
//! it against the program.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ts_rs::{Config, TS, TypeVisitor};
use vignette_model::text::{PersonName, Summary, Title};
use vignette_recorder::SILENCE_THRESHOLD_DBFS;

use super::commands;
use crate::events;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/host/ipc.gen.ts");
const HEAD: &str = "\
// Made from src-tauri/src/ipc.rs by `./dev generate`.
import type { Problem } from '../api/types';
import type { Span, UtcMicros } from '../time';

/** `off`, `default`, `synthetic`, a device's id, or part of its name. */
export type DeviceSelector = string;
";

/// A command as the window knows it.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<(&'static str, String)>,
    pub(crate) answer: String,
}

/// Declarations of types and of all that they are made of, by name.
struct Declarations<'c> {
    config: &'c Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Types without a file are those of the language.
        if T::output_path().is_some() && !self.found.contains_key(&T::ident(self.config)) {
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{docs}export {}\n", T::decl(self.config));
            self.found.insert(T::ident(self.config), declaration);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

fn typescript() -> String {
    let config = Config::new().with_large_int("number");
    let mut declarations = Declarations { config: &config, found: BTreeMap::new() };
    super::visit(&mut declarations);
    let mut text = HEAD.to_owned();
    let _ = write!(
        text,
        "
/** Characters that a title, and a summary, may have. */
export const TITLE_MAX_CHARS = {};
export const SUMMARY_MAX_CHARS = {};
/** Characters that a person's name may have. */
export const NAME_MAX_CHARS = {};
/** Below this there is nothing to hear. */
export const SILENCE_THRESHOLD_DBFS = {SILENCE_THRESHOLD_DBFS};
",
        Title::MAX_CHARS,
        Summary::MAX_CHARS,
        PersonName::MAX_CHARS
    );
    for declaration in declarations.found.values() {
        let _ = write!(text, "\n{declaration}");
    }
    text.push_str("\n/** What the window may ask, by name. */\nexport interface Commands {\n");
    for Command { name, arguments, answer } in commands(&config) {
        let arguments = arguments.iter().map(|(name, kind)| argument(name, kind));
        let arguments: Vec<_> = arguments.collect();
        let arguments = if arguments.is_empty() {
            "{}".to_owned()
        } else {
            format!("{{ {} }}", arguments.join("; "))
        };
        let _ = writeln!(text, "  {name}: {{ arguments: {arguments}; answer: {answer} }};");
    }
    text.push_str("}\n\n/** What the window is told, by name. */\nexport interface Events {\n");
    for (name, kind, doc) in events::events(&config) {
        let _ = writeln!(text, "  /** {doc} */\n  {name}: {kind};");
    }
    text.push_str("}\n");
    text
}

/// An argument as Tauri takes it: in camel case, and left out where it may be null.
fn argument(name: &str, kind: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    let camel = words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..]);
    format!("{camel}{}: {kind}", if kind.ends_with("| null") { "?" } else { "" })
}

#[test]
fn the_program_s_commands_events_and_types_are_golden() {
    vignette_golden::assert_golden(FILE, &typescript());
}

/// Every function that is a command: its name, and the names and types of those arguments that the
/// window gives.
fn functions(source: &str) -> BTreeMap<String, Vec<(String, String)>> {
    use syn::{FnArg, Item, Pat, Type};
    let is_command = |attribute: &syn::Attribute| {
        attribute.path().segments.last().is_some_and(|s| s.ident == "command")
    };
    let given = |argument: &FnArg| -> Option<(String, String)> {
        let FnArg::Typed(argument) = argument else { return None };
        let (Pat::Ident(name), Type::Path(kind)) = (&*argument.pat, &*argument.ty) else {
            return None;
        };
        let kind = kind.path.segments.last()?;
        let text = match &kind.arguments {
            syn::PathArguments::AngleBracketed(inner) => match inner.args.first() {
                Some(syn::GenericArgument::Type(Type::Path(inner))) => {
                    format!("{}<{}>", kind.ident, inner.path.segments.last()?.ident)
                }
                _ => kind.ident.to_string(),
            },
            _ => kind.ident.to_string(),
        };
        (text != "AppHandle" && !text.starts_with("State")).then(|| (name.ident.to_string(), text))
    };
    let items = syn::parse_file(source).unwrap().items;
    let functions = items.into_iter().filter_map(|item| match item {
        Item::Fn(function) if function.attrs.iter().any(is_command) => Some(function),
        _ => None,
    });
    functions
        .map(|f| (f.sig.ident.to_string(), f.sig.inputs.iter().filter_map(given).collect()))
        .collect()
}

#[test]
fn every_command_stands_in_the_table_with_its_arguments() {
    let mut written = functions(include_str!("../commands.rs"));
    written.extend(functions(include_str!("../person.rs")));
    written.extend(functions(include_str!("../shell.rs")));
    written.extend(functions(include_str!("../speech.rs")));
    let config = Config::new().with_large_int("number");
    let table = commands(&config);
    let names: Vec<_> = table.iter().map(|command| command.name).collect();
    for name in written.keys() {
        assert!(
            names.contains(&name.as_str()),
            "{name} is a command that the window cannot ask for"
        );
    }
    for Command { name, arguments, .. } in table {
        let function = &written[name];
        let (theirs, ours): (Vec<_>, Vec<_>) = (
            function.iter().map(|(name, _)| name.as_str()).collect(),
            arguments.iter().map(|(name, _)| *name).collect(),
        );
        assert_eq!(ours, theirs, "{name} takes these arguments");
        for ((argument, ours), (_, theirs)) in arguments.iter().zip(function) {
            assert_eq!(ours, typescript_of(theirs), "{name}: {argument} is a {theirs}");
        }
    }
}

/// The TypeScript of an argument's type.
fn typescript_of(rust: &str) -> &str {
    match rust {
        "String" | "TakeId" | "Title" | "Summary" | "PersonName" | "Url" => "string",
        "Option<Title>" | "Option<Summary>" | "Option<String>" => "string | null",
        "Option<bool>" => "boolean | null",
        "Option<CaptureTarget>" => "CaptureTarget | null",
        "Option<BubbleView>" => "BubbleView | null",
        "bool" => "boolean",
        "u8" | "f64" => "number",
        other => other,
    }
}
