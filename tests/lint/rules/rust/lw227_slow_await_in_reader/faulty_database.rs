//! Every message is written into a database.
use futures_util::StreamExt;
use sqlx::PgPool;
use tokio_tungstenite::connect_async;

pub async fn store(url: &str, pool: PgPool) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    loop {
        match stream.next().await {
            Some(Ok(message)) => {
                sqlx::query("INSERT INTO ticks (text) VALUES ($1)")
                    .bind(message.to_string())
                    .execute(&pool) // LW227
                    .await?;
            }
            Some(Err(error)) => return Err(error.into()),
            None => return Ok(()),
        }
    }
}
