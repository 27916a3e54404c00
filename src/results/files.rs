//! Frames as files.

use polars::prelude::{CompatLevel, DataFrame, SchemaExt};
use polars_io::{SerWriter, csv::write::CsvWriter};
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, StatisticsOptions, Version, WriteOptions, get_dtype_encoding,
    row_group_iter, to_parquet_schema,
};

use crate::error::Result;

/// Starts the threads that polars shares, which it otherwise does, and panics without them, when it first needs one.
///
/// # Errors
/// Returns the reason if the system gives none.
pub fn start_threads() -> std::result::Result<(), String> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let started = std::panic::catch_unwind(|| drop(CsvWriter::new(&mut Vec::<u8>::new())));
    std::panic::set_hook(hook);
    started.map_err(|_| "the system gives this process no more of them".to_owned())
}

/// Returns a frame as CSV.
///
/// # Errors
/// Returns an error if polars cannot write it.
pub fn csv(frame: &DataFrame) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).finish(&mut frame.clone())?;
    Ok(bytes)
}

/// Returns a frame as Parquet, compressed by Snappy, which is Rust alone: the other methods are four libraries more, most
/// of them in C.
///
/// # Errors
/// Returns an error if polars cannot write it.
pub fn parquet(frame: &DataFrame) -> Result<Vec<u8>> {
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        compression: CompressionOptions::Snappy,
        version: Version::V1,
        data_page_size: None,
    };
    let schema = frame.schema().to_arrow(CompatLevel::newest());
    let fields = to_parquet_schema(&schema)?.fields().to_vec();
    let encodings: Vec<Vec<Encoding>> =
        schema.iter_values().map(|field| get_dtype_encoding(&field.dtype)).collect();
    let mut bytes = Vec::new();
    let mut writer = FileWriter::try_new(&mut bytes, schema, options)?;
    for batch in frame.iter_chunks(CompatLevel::newest(), false) {
        let rows = batch.len() as u64;
        writer.write(rows, row_group_iter(batch, encodings.clone().into(), fields.clone(), options))?;
    }
    writer.end(None)?;
    Ok(bytes)
}
