//! Reads a whole body of bounded size; a body that comes in one piece is not copied.

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is larger than the limit, or says that it will be.
    TooLarge,
    /// It ended before its announced end.
    Incomplete,
}

/// Reads a body of at most `limit` bytes. Trailers are dropped. Takes as long as the body takes: set a deadline around it.
pub async fn collect<B>(mut body: B, limit: usize) -> Result<Bytes, Fault>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(Fault::TooLarge);
    }
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Fault::Incomplete)?.into_data() else {
            continue;
        };
        let so_far = first.len().max(joined.len());
        if so_far + data.len() > limit {
            return Err(Fault::TooLarge);
        }
        if first.is_empty() {
            first = data;
            continue;
        }
        if joined.is_empty() {
            let to_come = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
            joined.reserve(
                so_far
                    .saturating_add(data.len())
                    .saturating_add(to_come)
                    .min(limit),
            );
            joined.extend_from_slice(&first);
        }
        joined.extend_from_slice(&data);
    }
    Ok(if joined.is_empty() {
        first
    } else {
        joined.freeze()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    fn pieces(pieces: &[&'static str]) -> impl Body<Data = Bytes> + Unpin {
        let frames: Vec<_> = pieces
            .iter()
            .map(|piece| Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(piece.as_bytes()))))
            .collect();
        StreamBody::new(futures_util::stream::iter(frames))
    }

    #[tokio::test]
    async fn a_body_is_joined_up_to_the_limit_and_refused_above_it() {
        assert_eq!(
            collect(pieces(&["ab", "cd", "e"]), 5).await.unwrap(),
            "abcde"
        );
        assert_eq!(collect(pieces(&["abcde"]), 5).await.unwrap(), "abcde");
        assert_eq!(collect(pieces(&[]), 5).await.unwrap(), "");
        assert_eq!(
            collect(pieces(&["ab", "cd", "ef"]), 5).await,
            Err(Fault::TooLarge)
        );
        assert_eq!(collect(Full::from("abcdef"), 5).await, Err(Fault::TooLarge));
    }

    #[tokio::test]
    async fn a_body_in_one_piece_is_not_copied() {
        let text = Bytes::from_static(b"abcde");
        assert_eq!(
            collect(Full::new(text.clone()), 5).await.unwrap().as_ptr(),
            text.as_ptr()
        );
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_incomplete() {
        let broken = StreamBody::new(futures_util::stream::iter([
            Ok(Frame::data(Bytes::from_static(b"ab"))),
            Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
        ]));
        assert_eq!(collect(broken, 5).await, Err(Fault::Incomplete));
    }
}
