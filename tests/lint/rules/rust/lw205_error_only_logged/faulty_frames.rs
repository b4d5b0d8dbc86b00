//! A server on fastwebsockets that goes on to the next frame.
use fastwebsockets::{FragmentCollector, OpCode, WebSocketError};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;

pub async fn serve(mut ws: FragmentCollector<TokioIo<Upgraded>>) -> Result<(), WebSocketError> {
    loop {
        let frame = match ws.read_frame().await {
            Ok(frame) => frame,
            Err(error) => { // LW205
                tracing::warn!("bad frame: {error}");
                continue;
            }
        };
        match frame.opcode {
            OpCode::Close => break,
            OpCode::Text | OpCode::Binary => ws.write_frame(frame).await?,
            _ => {}
        }
    }
    Ok(())
}
