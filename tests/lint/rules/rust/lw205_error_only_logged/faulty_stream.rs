//! A socket of soketto; the error is put into a variable first.
use futures::io::{AsyncRead, AsyncWrite};
use soketto::connection::Receiver;

pub async fn read<T: AsyncRead + AsyncWrite + Unpin>(mut receiver: Receiver<T>) {
    let mut data = Vec::new();
    loop {
        data.clear();
        let received = receiver.receive_data(&mut data).await;
        if let Err(error) = received { // LW205
            log::error!("{error}");
            continue;
        }
        println!("{} bytes", data.len());
    }
}
